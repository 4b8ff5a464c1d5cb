"""One line for each request, when its answer has ended."""

import logging
import time
from itertools import count

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.health import is_health

logger = logging.getLogger(__name__)


class AccessLog:
    """Writes what was asked and how it went, and nothing that came from outside but the method.

    Of health checks that went well, one line stands for `health_every` of them.
    """

    def __init__(self, app: ASGIApp, health_every: int) -> None:
        self.app = app
        self.health_every = health_every
        self.healthy = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun, status = time.perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            return await self.app(scope, receive, watch)
        finally:
            if self.is_worth_a_line(scope, status):
                write(scope, status, time.perf_counter() - begun)

    def is_worth_a_line(self, scope: Scope, status: int) -> bool:
        if not is_health(scope["path"]) or status != 200:
            return True
        return next(self.healthy) % self.health_every == 0


def write(scope: Scope, status: int, seconds: float) -> None:
    """Name the route by its template: a path may have what nobody should read."""
    route = template_of(scope)
    fields = {
        "method": scope["method"],
        "route": route,
        "status": status or None,  # none where the client left, or the server had to end
        "duration_ms": round(seconds * 1000, 1),
    }
    outcome = status or "no answer"
    logger.info("%s %s: %s", scope["method"], route or "no route", outcome, extra=fields)


def template_of(scope: Scope) -> str | None:
    """Give the whole template of the route that was chosen; nothing where there was none."""
    # Where a router was included with a prefix, only FastAPI's own context of the route has it.
    route = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    path = getattr(route, "path_format", None)
    return None if path is None else str(path)

"""Where health is asked: by any name of the host, as often as one likes."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/health"
LIVE = "/live"


def is_health(path: str) -> bool:
    return path.startswith(f"{PREFIX}/")


class Live:
    """Answers whether the process answers, before anything else can be in the way of that.

    Who asks restarts the process where no answer comes, and a layer that fails is no reason to.
    The operation in `app/health/router.py` says the same, for the API document and other methods.
    """

    path_format = f"{PREFIX}{LIVE}"  # as the log names a route

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["path"], scope["method"]) != (self.path_format, "GET"):
            return await self.app(scope, receive, send)
        scope["route"] = self
        answer = Response(b'{"status":"ok"}', media_type="application/json")
        return await answer(scope, receive, send)

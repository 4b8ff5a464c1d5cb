"""A name for each request: in its answer, in its problem, and in what the log says of it."""

import re
from contextvars import ContextVar
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.ids import new_id
from app.core.observability.subject import about

HEADER = "X-Request-ID"
# What a proxy may call a request: nothing that could end a line of a log, or fill it.
ACCEPTED = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")

request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestId:
    """Names a request, or takes the name over that a trusted proxy gave it."""

    def __init__(self, app: ASGIApp, trusted: tuple[IPv4Network | IPv6Network, ...]) -> None:
        self.app = app
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get(HEADER, "")
        name = given if ACCEPTED.fullmatch(given) and self.trusts(scope) else str(new_id())
        request_id.set(name)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        with about(request_id=name):
            return await self.app(scope, receive, send_named)

    def trusts(self, scope: Scope) -> bool:
        """Say whether the other end of the connection is one of ours."""
        try:
            peer = ip_address((scope.get("client") or ("", 0))[0])
        except ValueError:  # no address at all, as on a Unix socket
            return False
        return any(peer in network for network in self.trusted)

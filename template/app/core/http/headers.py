"""Headers that tell browsers to trust an answer with no more than it needs."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULTS = {
    # Answers are data, so nothing in them is ever run, shown in a frame or taken for another type.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # They may be one caller's alone.
    "Cache-Control": "no-store",
    # Other pages may neither embed them nor hold on to a window of ours. Where CORS lets another
    # origin read an answer, it still does: browsers ask this one only for requests without CORS.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
}
# A year. Not for the names below this one: they may be somebody else's.
HSTS = "max-age=31536000"


class SecurityHeaders:
    """Adds the headers that an answer has not set itself.

    `hsts` tells browsers to come back by HTTPS alone, which nobody can take back for a year.
    """

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self.app = app
        headers = DEFAULTS | ({"Strict-Transport-Security": HSTS} if hsts else {})
        self.defaults = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                own = {name for name, _ in headers}
                headers += (header for header in self.defaults if header[0] not in own)
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)

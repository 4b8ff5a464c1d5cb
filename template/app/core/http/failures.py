"""Errors that no handler sees, answered as problems too."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import answer_unexpected, code_of, problem_response


class Unexpected:
    """Answers what nobody expected, inside of the other layers: so this answer has their headers.

    A handler for `Exception` is called outside of them all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_begun = False

        async def watch(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if is_begun or scope["type"] != "http":
                raise
            answer = await answer_unexpected(Request(scope), error)
            await answer(scope, receive, send)


class PlainErrors:
    """Turns the plain text, with which a library's layer refuses a request, into a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        text = b""

        async def translate(message: Message) -> None:
            nonlocal start, text
            if message["type"] == "http.response.start" and is_plain_error(message):
                start = message
            elif start and message["type"] == "http.response.body":
                text += message.get("body", b"")
                if not message.get("more_body"):
                    await problem_of(start, text, scope)(scope, receive, send)
            else:
                await send(message)

        await self.app(scope, receive, translate)


def is_plain_error(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return bool(start["status"] >= 400) and kind.startswith("text/plain")


def problem_of(start: Message, text: bytes, scope: Scope) -> ASGIApp:
    """Say the same as a problem; what the answer says beside its text stays."""
    status: int = start["status"]
    headers = {
        name: value
        for name, value in Headers(raw=start["headers"]).items()
        if name not in {"content-type", "content-length"}
    }
    detail = f"{text.decode(errors='replace').rstrip('.')}."
    return problem_response(Request(scope), status, code_of(status), detail, headers)

"""A request that takes too long is given up, and what it changed is rolled back."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import Unavailable, answer_problem


class TookTooLong(Unavailable):
    code = "took_too_long"


class TimeLimit:
    """Ends a request whose answer has not begun after `seconds`; a stream may take its time."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def begin(message: Message) -> None:
            limit.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as limit:
                return await self.app(scope, receive, begin)
        except TimeoutError:
            if not limit.expired():
                raise
        problem = TookTooLong(f"This took longer than {self.seconds:g} seconds, and was given up.")
        answer = await answer_problem(Request(scope), problem)
        return await answer(scope, receive, send)

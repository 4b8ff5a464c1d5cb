"""SIGTERM announces the end before it comes: not ready any more, and served on for a while.

Whoever sends requests here needs that time to notice. Then the server takes no more of them and
lets the open ones end, as it would have done at once; the lifespan closes what it has opened.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)


class Drain:
    """What there is between SIGTERM and the server's own answer to it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_on = False

    @contextmanager
    def on_sigterm(self) -> Generator[None]:
        """Stand before the server's handler of SIGTERM for a block; a second signal goes to it."""
        if threading.current_thread() is not threading.main_thread():
            yield  # no signal comes here
            return
        loop = asyncio.get_running_loop()
        server = signal.getsignal(signal.SIGTERM) or signal.SIG_DFL

        def end() -> None:
            signal.signal(signal.SIGTERM, server)
            signal.raise_signal(signal.SIGTERM)

        def begin() -> None:
            logger.info("Told to end: not ready any more, and served on for %g s", self.seconds)
            loop.call_later(self.seconds, end)

        def told(_: int, __: FrameType | None) -> None:
            if self.is_on:
                end()
                return
            self.is_on = True
            # Not here: a handler of a signal may interrupt a line that is being written.
            loop.call_soon_threadsafe(begin)

        signal.signal(signal.SIGTERM, told)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, server)


class LastAnswers:
    """Closes each connection with its answer while the process ends: the next goes elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        drain: Drain = scope["app"].state.drain

        async def send_last(message: Message) -> None:
            # A request that was open when the signal came is one of them.
            if message["type"] == "http.response.start" and drain.is_on:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        return await self.app(scope, receive, send_last)

"""Where requests are counted: in memory, so each process counts for itself."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

from limits.aio.storage import Storage

from app.core.settings import Settings

CLEANED_EVERY = 10.0  # seconds


class Window(NamedTuple):
    hits: int
    end: float


class Memory(Storage):
    """Counts in fixed windows.

    The library's own storage looks through all counters at each request, which then costs the more
    the more clients there are.
    """

    def __init__(self) -> None:
        super().__init__(wrap_exceptions=True)
        self.windows: dict[str, Window] = {}
        self.cleaned_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        moment = time.time()
        if moment - self.cleaned_at > CLEANED_EVERY:
            self.cleaned_at = moment
            self.windows = {key: each for key, each in self.windows.items() if each.end > moment}
        window = self.windows.get(key)
        if window is None or window.end <= moment:
            window = Window(0, moment + expiry)
        self.windows[key] = Window(window.hits + amount, window.end)
        return window.hits + amount

    async def get(self, key: str) -> int:
        window = self.windows.get(key)
        return window.hits if window and window.end > time.time() else 0

    async def get_expiry(self, key: str) -> float:
        window = self.windows.get(key)
        return window.end if window else time.time()

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        count = len(self.windows)
        self.windows = {}
        return count

    async def clear(self, key: str) -> None:
        self.windows.pop(key, None)


@asynccontextmanager
async def open_rate_storage(_: Settings) -> AsyncGenerator[Memory]:
    yield Memory()

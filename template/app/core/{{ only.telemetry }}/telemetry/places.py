import asyncio
import time
from typing import Literal


class Places(asyncio.Semaphore):
    """Places that know who waits for one; other threads may ask."""

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.since: dict[object, float] = {}

    async def acquire(self) -> Literal[True]:
        ticket = object()
        self.since[ticket] = time.monotonic()
        try:
            return await super().acquire()
        finally:
            del self.since[ticket]

    @property
    def waiting(self) -> int:
        return len(self.since)

    @property
    def longest(self) -> float:
        """Give the seconds that the first of them has been waiting; 0 where nobody does."""
        begun = next(iter(self.since.copy().values()), None)
        return 0.0 if begun is None else time.monotonic() - begun

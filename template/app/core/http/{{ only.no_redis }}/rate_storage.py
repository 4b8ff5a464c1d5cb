"""Where requests are counted: in memory, so each process counts for itself."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from limits.aio.storage import MemoryStorage

from app.core.settings import Settings


@asynccontextmanager
async def open_rate_storage(_: Settings) -> AsyncGenerator[MemoryStorage]:
    yield MemoryStorage(wrap_exceptions=True)

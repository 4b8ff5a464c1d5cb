from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

# Options of a connection whose transaction only reads: PostgreSQL needs none.
READING: dict[str, Any] = {}


def create_engine(url: str, pool_size: int) -> AsyncEngine:
    """Open a pool that never grows beyond `pool_size`, and tests a connection before it is used."""
    return create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)

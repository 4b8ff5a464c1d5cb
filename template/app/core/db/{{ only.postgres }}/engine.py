from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

# Options of a connection whose transaction only reads: PostgreSQL needs none.
READING: dict[str, Any] = {}


def create_engine(url: str, pool_size: int) -> AsyncEngine:
    """Open a pool that never grows beyond `pool_size` and replaces connections that were lost."""
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0)
    event.listen(engine.sync_engine, "checkout", refuse_closed)
    return engine


def create_migration_engine(url: str) -> AsyncEngine:
    """Open a database to change its tables: with PostgreSQL like any other."""
    return create_engine(url, pool_size=1)


def refuse_closed(
    _: DBAPIConnection, entry: ConnectionPoolEntry, __: PoolProxiedConnection
) -> None:
    """Have the pool open another connection where the server closed this one.

    The driver knows without asking; `pool_pre_ping` would ask, once more for every request.
    """
    driver: Any = entry.driver_connection
    if driver.is_closed():
        raise DisconnectionError("closed by the server")

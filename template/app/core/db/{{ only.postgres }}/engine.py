import asyncio
import math
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event, func, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from app.core.db.errors import DatabaseInUse
from app.core.settings.database import DatabaseSettings

# What stands for "may migrate" among the advisory locks, of which each database has its own.
MIGRATING = int.from_bytes(b"migr")
TURN_WITHIN = 600.0  # seconds that a migration waits for another process to end its own
TABLE_WITHIN = 5.0  # seconds that a migration waits for a table; everybody else waits behind it
SILENT_FOR = 1.0  # seconds in which a server that said nothing is not asked again
LOCK_NOT_AVAILABLE = "55P03"
FOREIGN_KEY_VIOLATION = "23503"
# What another attempt may not meet: classes of SQLSTATE (PostgreSQL, appendix A). A connection that
# is lost, too few resources, a statement that was ended, a transaction that lost against another.
PASSING = ("08", "40", "53", "57", LOCK_NOT_AVAILABLE)

# Options of a connection whose transaction only reads: PostgreSQL needs none.
READING: dict[str, Any] = {}


def engine_of(settings: DatabaseSettings, statement_timeout: float) -> AsyncEngine:
    """Open what the settings name, as `create_engine` does."""
    return create_engine(
        settings.database_url.get_secret_value(),
        settings.database_pool_size,
        statement_timeout=statement_timeout,
        connect_timeout=settings.database_connect_timeout,
        echo=settings.debug,
    )


def create_engine(
    url: str,
    pool_size: int,
    *,
    statement_timeout: float = 0,
    connect_timeout: float = 30,
    echo: bool = False,
) -> AsyncEngine:
    """Open a pool that never grows beyond `pool_size` and replaces connections that were lost.

    A statement that takes longer than `statement_timeout` seconds is ended; 0 is no limit. A server
    that takes longer than `connect_timeout` seconds to be connected to counts as gone.
    """
    limits = {"statement_timeout": f"{statement_timeout * 1000:.0f}"}
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        echo=echo,
        hide_parameters=not echo,  # an error would have them, and so would the log
        connect_args={
            "server_settings": limits,
            "timeout": connect_timeout,
            "async_creator_fn": Connect(),
        },
    )
    event.listen(engine.sync_engine, "checkout", refuse_closed)
    return engine


class Connect:
    """Opens connections as the driver does, for one pool."""

    def __init__(self) -> None:
        self.silent_since = -math.inf

    async def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Open a connection.

        Raises:
            ConnectionError: where the server is gone, says nothing or cannot prove who it is. Who
                waited meanwhile is told at once, and waits for no other.
        """
        if time.monotonic() - self.silent_since < SILENT_FOR:
            raise ConnectionError("the server said nothing a moment ago")
        try:
            return await asyncpg.connect(*arguments, **options)
        except TimeoutError as error:
            self.silent_since = time.monotonic()
            raise ConnectionError(f"no answer within {options['timeout']:g} seconds") from error
        except OSError as error:  # of TLS, too: a certificate that has expired, say
            raise ConnectionError(str(error)) from error


def is_passing(error: DBAPIError) -> bool:
    """Say whether the same may go well at another time."""
    state: str = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(PASSING)


def is_orphan(error: DBAPIError) -> bool:
    """Say whether a row would refer to one that is not there."""
    return getattr(error.orig, "sqlstate", None) == FOREIGN_KEY_VIOLATION


@asynccontextmanager
async def migration_connection(url: str) -> AsyncGenerator[AsyncConnection]:
    """Open a database to change its tables, when no other process does; commit at the end.

    The lock is the connection's, whatever its transactions do, and ends with it: a process that is
    killed leaves none. A pooler in between has to keep a connection for a client (session mode).

    Raises:
        DatabaseInUse: where another process, or users of a table, take too long.
    """
    engine = create_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await take_turn(connection)
            yield connection
            await connection.commit()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        statement = str(error.statement).strip()
        raise DatabaseInUse(
            f"The migration gave up, and its transaction was undone: for {TABLE_WITHIN:g} seconds "
            f"others used a table that it needs. Run it again. It was at: {statement}"
        ) from error
    finally:
        await engine.dispose()


async def take_turn(connection: AsyncConnection) -> None:
    """Take the lock of migrations, and wait shortly for any other.

    It is asked for again and again: if a statement waited for it, `CREATE INDEX CONCURRENTLY` of
    the process that has it would wait for that statement to end, which is a deadlock.
    """
    deadline = time.monotonic() + TURN_WITHIN
    while not await connection.scalar(select(func.pg_try_advisory_lock(MIGRATING))):
        await connection.rollback()
        if time.monotonic() > deadline:
            raise DatabaseInUse(
                f"Nothing was migrated: another process has been migrating this database for "
                f"{TURN_WITHIN:g} seconds. Run it again when that has ended."
            )
        await asyncio.sleep(0.2)
    await connection.execute(text(f"SET lock_timeout = {TABLE_WITHIN * 1000:.0f}"))
    await connection.commit()


def refuse_closed(
    _: DBAPIConnection, entry: ConnectionPoolEntry, __: PoolProxiedConnection
) -> None:
    """Have the pool open another connection where the server closed this one.

    The driver knows without asking; `pool_pre_ping` would ask, once more for every request.
    """
    driver: Any = entry.driver_connection
    if driver.is_closed():
        raise DisconnectionError("closed by the server")

"""SQLite as a server would use it: one writer at a time, readers beside it."""

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.db.errors import DatabaseInUse
from app.core.settings.database import DatabaseSettings

TURN_WITHIN = 600.0  # seconds that a migration waits for those who write, or migrate

# Options of a connection whose transaction only reads.
READING: dict[str, Any] = {"sqlite_begin": "DEFERRED"}

# What another attempt may not meet: others that write, and a statement that was ended.
PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT}
STEPS = 10_000  # of SQLite's virtual machine, between two looks at the clock
DEADLINE = "deadline"

PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers do not wait for the writer
    "PRAGMA synchronous = NORMAL",  # safe in WAL mode: a power cut loses no consistency
    "PRAGMA foreign_keys = ON",  # off by default, in every connection
    "PRAGMA busy_timeout = 5000",  # milliseconds that a writer waits for another
)


class OrphanedRows(Exception):
    """A migration would leave rows that refer to rows that are not there."""


def engine_of(settings: DatabaseSettings, statement_timeout: float) -> AsyncEngine:
    """Open what the settings name, as `create_engine` does."""
    return create_engine(
        settings.database_url.get_secret_value(),
        settings.database_pool_size,
        statement_timeout=statement_timeout,
        echo=settings.debug,
    )


def create_engine(
    url: str, pool_size: int, *, statement_timeout: float = 0, echo: bool = False
) -> AsyncEngine:
    """Open a database file; its folder is made where it is missing.

    A statement that takes longer than `statement_timeout` seconds is ended; 0 is no limit.
    """
    if file := make_url(url).database:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    # The driver's own transactions begin late and never before a SELECT: they are turned off.
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        echo=echo,
        hide_parameters=not echo,  # an error would have them, and so would the log
        connect_args={"isolation_level": None},
    )
    event.listen(engine.sync_engine, "connect", set_pragmas)
    if statement_timeout:
        limit_statements(engine, statement_timeout)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def limit_statements(engine: AsyncEngine, seconds: float) -> None:
    """End statements that take longer: SQLite has no limit of its own, but asks while it works."""

    @event.listens_for(engine.sync_engine, "connect")
    def look_at_the_clock(connection: Any, entry: ConnectionPoolEntry) -> None:
        def is_late() -> bool:
            deadline: float = entry.info.get(DEADLINE, math.inf)
            return time.monotonic() > deadline

        connection.run_async(lambda driver: driver.set_progress_handler(is_late, STEPS))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin_statement(connection: Connection, *_: Any) -> None:
        connection.info[DEADLINE] = time.monotonic() + seconds


def is_passing(error: DBAPIError) -> bool:
    """Say whether the same may go well at another time."""
    # What is so in particular stands in the bytes above the last.
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in PASSING


def is_orphan(error: DBAPIError) -> bool:
    """Say whether a row would refer to one that is not there."""
    code: int = getattr(error.orig, "sqlite_errorcode", 0)
    return code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY


@asynccontextmanager
async def migration_connection(url: str) -> AsyncGenerator[AsyncConnection]:
    """Open a database to change its tables, in one transaction that nobody else writes in.

    SQLite changes a table by a new one: it drops the old one, which would delete or refuse the rows
    that refer to it. So keys are not followed meanwhile, but checked before the commit.

    Raises:
        DatabaseInUse: where others write for too long.
        OrphanedRows: where the commit would leave some.
    """
    engine = create_engine(url, pool_size=1)
    # At connect, for in a transaction the pragma does nothing.
    event.listen(engine.sync_engine, "connect", prepare_to_migrate)
    event.listen(engine.sync_engine, "commit", refuse_orphans)
    try:
        async with AsyncExitStack() as opened:
            yield await take_turn(engine, opened)
    finally:
        await engine.dispose()


async def take_turn(engine: AsyncEngine, opened: AsyncExitStack) -> AsyncConnection:
    """Begin the transaction, and so take the lock, before it is asked which migrations are missing.

    Alembic's own would end after each migration, and let in a process that has asked before. The
    driver could wait for the lock, but does not while another process makes a new file WAL.
    """
    deadline = time.monotonic() + TURN_WITHIN
    while True:
        try:
            return await opened.enter_async_context(engine.begin())
        except OperationalError as error:
            # What a busy file says in particular stands in the bytes above the last.
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise DatabaseInUse(
                    f"Nothing was migrated: others have been writing to this database for "
                    f"{TURN_WITHIN:g} seconds. Run it again when that has ended."
                ) from error
        await asyncio.sleep(0.2)


def prepare_to_migrate(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("PRAGMA busy_timeout = 0")  # `take_turn` waits, and can be interrupted
    cursor.close()


def refuse_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        tables = ", ".join(sorted({row[0] for row in orphans}))
        raise OrphanedRows(f"{len(orphans)} rows refer to nothing, in: {tables}")


def set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer, it fails at
    # once (SQLITE_BUSY_SNAPSHOT). So one that may write takes the lock when it begins.
    mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")

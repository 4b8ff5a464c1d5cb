"""The transaction edge: opened and closed here and nowhere else, once per request or script."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import literal
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.engine import READING, engine_of, is_orphan, is_passing
from app.core.db.errors import DatabaseBusy, ReferenceGone
from app.core.errors import Problem
from app.core.settings.database import DatabaseSettings

logger = logging.getLogger(__name__)

# RFC 9110, section 9.2.1: methods that ask for nothing to change.
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
AFTER_COMMIT = "after_commit"


def session_factory(
    bind: AsyncEngine | AsyncConnection,
) -> async_sessionmaker[AsyncSession]:
    # On a connection that already has a transaction (as in tests), commit only what is ours.
    return async_sessionmaker(
        bind,
        class_=AsyncSession,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint",
    )


def after_commit(session: AsyncSession, action: Callable[[], Awaitable[None]]) -> None:
    """Do something once a session has committed, and never if it rolls back. It must not raise."""
    session.info.setdefault(AFTER_COMMIT, []).append(action)


class Database:
    """An engine and its sessions, for the life of the application or of a script."""

    def __init__(self, engine: AsyncEngine, max_sessions: int) -> None:
        self.engine = engine
        # Of requests. The rest wait in order, outside the pool, where waiting is cheap.
        self.places = asyncio.Semaphore(max_sessions)
        self.writers = session_factory(engine)
        self.readers = session_factory(engine.execution_options(**READING))

    @classmethod
    def from_settings(
        cls, settings: DatabaseSettings, *, statement_timeout: float = 0
    ) -> "Database":
        """Open what the settings name; a statement may take `statement_timeout` seconds, if any."""
        return cls(engine_of(settings, statement_timeout), settings.max_sessions)

    @asynccontextmanager
    async def transaction(self, *, reading: bool = False) -> AsyncGenerator[AsyncSession]:
        """Commit at the end of the block, roll back when it raises.

        What `after_commit` left for later is done then, when the connection is free again.
        """
        sessions = self.readers if reading else self.writers
        async with sessions() as session, session.begin():
            yield session
        for action in session.info.get(AFTER_COMMIT, ()):
            await action()

    async def ping(self) -> None:
        """Ask the database for an answer, any answer."""
        async with self.transaction(reading=True) as session:
            await session.exec(select(literal(1)))

    async def close(self) -> None:
        await self.engine.dispose()


async def get_session(request: Request) -> AsyncGenerator[AsyncSession]:
    async with request_session(request, reading=request.method in SAFE_METHODS) as session:
        yield session


@asynccontextmanager
async def request_session(request: Request, *, reading: bool) -> AsyncGenerator[AsyncSession]:
    """Commit at the end; roll back on an error, unless it is a `Problem` that `commits`."""
    database: Database = request.app.state.database
    refusal: Problem | None = None
    try:
        async with database.places, database.transaction(reading=reading) as session:
            try:
                yield session
            except Problem as problem:
                if not problem.commits:
                    raise
                refusal = problem
    except (NoConnection, ConnectionError, socket.gaierror, DBAPIError) as error:
        if isinstance(error, DBAPIError) and is_orphan(error):
            raise ReferenceGone from error
        if isinstance(error, DBAPIError) and not is_passing(error):
            raise
        logger.warning("The database failed a request: %s", getattr(error, "orig", error))
        raise DatabaseBusy from error
    if refusal is not None:
        raise refusal


# Function scope: the commit comes before the response, so a client never reads a success that was
# not stored.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]

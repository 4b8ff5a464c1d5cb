"""What a command is given that works with rows: a transaction, and a way to enqueue."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.local import local_database
from app.core.db.session import Database
from app.core.settings import Settings
from app.core.settings.base import load
from app.worker.enqueue import enqueuing
from app.worker.lifespan import open_queue
from app.worker.local import local_broker
from app.worker.payload import Enqueue

Result = TypeVar("Result")


def run(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine of a command; in development with the servers that `make dev` has.

    Raises:
        SettingsError: where one is not set, and none is found or started.
    """
    # Outside of the event loop: finding a server may take one of its own.
    with local_database(), local_broker():
        return asyncio.run(work())


@asynccontextmanager
async def script() -> AsyncGenerator[tuple[AsyncSession, Enqueue]]:
    """Commit at the end of the block, and enqueue then; do neither when it raises.

    Raises:
        SettingsError: where the settings are not usable.
    """
    settings = load(Settings)
    database = Database.from_settings(settings)
    try:
        async with open_queue(settings, database) as queue, database.transaction() as session:
            yield session, enqueuing(session, queue)
    finally:
        await database.close()

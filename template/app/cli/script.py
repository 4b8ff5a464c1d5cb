"""What a command is given that works with rows: a transaction, and a way to enqueue."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.session import Database
from app.core.settings import Settings
from app.core.settings.base import load
from app.worker.broker import open_queue
from app.worker.enqueue import enqueuing
from app.worker.payload import Enqueue


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

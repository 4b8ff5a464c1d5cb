"""The database as other processes see it: what is committed stays."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import delete

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.models import ScheduledRun


@asynccontextmanager
async def committing(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database, and take away at the end what schedulers left in it."""
    database = Database.from_settings(settings)
    try:
        yield database
        async with database.transaction() as session:
            await session.exec(delete(ScheduledRun))
    finally:
        await database.close()

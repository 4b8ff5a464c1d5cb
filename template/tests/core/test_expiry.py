import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from app.cli.main import cli
from app.core.clock import now
from app.core.db.session import Database
from app.core.expiry import expiring_tables, prune
from app.core.http.models import IdempotencyKey
from app.core.settings import Settings
from app.registry import import_models
from app.worker.broker import Queue
from app.worker.models import ScheduledRun
from app.worker.prune import PruneExpired, prune_expired
from app.worker.task import TaskContext


async def add_two(database: Database) -> None:
    """Add a row that has expired a second ago and one that has not."""
    async with database.transaction() as session:
        for name, seconds in (("old", -1), ("young", 60)):
            expires_at = now() + timedelta(seconds=seconds)
            session.add(ScheduledRun(task=name, tick=now(), expires_at=expires_at))


async def names(database: Database) -> list[str]:
    async with database.transaction(reading=True) as session:
        return list(await session.exec(select(ScheduledRun.task)))


def test_every_table_whose_rows_expire_is_found() -> None:
    import_models()
    assert {ScheduledRun, IdempotencyKey} <= set(expiring_tables())


async def test_only_what_has_expired_goes(database: Database) -> None:
    await add_two(database)
    async with database.transaction() as session:
        counts = await prune(session)
    assert counts["scheduled_run"] == 1
    assert await names(database) == ["young"]


async def test_every_night_it_goes_by_itself(
    settings: Settings, database: Database, queue: Queue
) -> None:
    await add_two(database)
    await prune_expired(PruneExpired(), TaskContext(settings, database, queue, "one", 1))
    assert await names(database) == ["young"]


@pytest.mark.usefixtures("environment")
async def test_the_command_prints_how_many(settings: Settings) -> None:
    database = Database.from_settings(settings)
    try:
        await add_two(database)
        result = await asyncio.to_thread(CliRunner().invoke, cli, ["db", "prune"])
        assert (result.exit_code, await names(database)) == (0, ["young"]), result.output
        assert "scheduled_run: 1" in result.output.splitlines()
    finally:
        async with database.transaction() as session:
            for row in await session.exec(select(ScheduledRun)):
                await session.delete(row)
        await database.close()

"""The real thing: `app worker` in a process of its own, on the real broker."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.clock import now
from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.enqueue import enqueuing
from app.worker.models import ScheduledRun
from app.worker.payload import Job
from app.worker.prune import PruneExpired
from tests.worker.at_work import command, eventually, own_queue, worker
from tests.worker.committing import committing

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    async with committing(settings) as database:
        yield database


@pytest.fixture
async def queue(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Queue]:
    async with own_queue(settings, database, monkeypatch) as queue:
        yield queue


async def test_a_worker_does_what_was_committed_and_ends_when_told(
    database: Database, queue: Queue
) -> None:
    async def is_pruned() -> bool:
        async with database.transaction(reading=True) as session:
            return (await session.exec(select(ScheduledRun))).first() is None

    async def is_ready() -> bool:
        return await queue.worker_answers()

    async with database.transaction() as session:
        expired = now() - timedelta(days=1)
        session.add(ScheduledRun(task="tests.pruned", tick=expired, expires_at=expired))
        enqueuing(session, queue)(PruneExpired())
    assert not await is_pruned()
    async with worker() as process:
        await eventually(is_pruned)
        await eventually(is_ready)
        assert (await command("worker", "ready"))[0] == 0
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) == 0
    assert (await command("worker", "ready"))[0] == 1


async def test_what_cannot_be_done_is_listed_and_enqueued_again(queue: Queue) -> None:
    async def is_aside() -> bool:
        return len(await queue.aside()) == 1

    job = Job("tests.unknown", {"note": "a"})
    await queue.send(job)
    async with worker():
        await eventually(is_aside)
        code, listed = await command("worker", "aside")
        assert (code, len(listed.splitlines())) == (0, 1)
        assert f"tests.unknown  {job.id}  no task of this release has its name" in listed
        code, said = await command("worker", "retry")
        assert (code, said) == (0, "Enqueued again: 1.\n")
        await eventually(is_aside)
    (found,) = await queue.aside()
    assert found.job == job

"""Schedulers as they run, several at once, on connections of their own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from app.core.clock import now
from app.core.db.session import Database
from app.core.settings import Settings
from app.worker import scheduler as module
from app.worker.broker import Queue
from app.worker.cron import Cron
from app.worker.models import ScheduledRun
from app.worker.payload import Job
from app.worker.queue import QueueError
from app.worker.scheduler import Scheduler
from app.worker.task import TASKS
from tests.broker import waiting
from tests.worker.committing import committing
from tests.worker.probe import Probe, Probed

YEARLY = Cron("0 0 1 1 *")


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    async with committing(settings) as database:
        yield database


async def run_until(
    reached: Callable[[], Awaitable[bool]], scheduler: Scheduler, patience: float = 30
) -> None:
    async with asyncio.timeout(patience), scheduler.running():
        while not await reached():  # noqa: ASYNC110, a row sets no event
            await asyncio.sleep(0.05)


async def runs(database: Database) -> list[ScheduledRun]:
    async with database.transaction(reading=True) as session:
        return list(await session.exec(select(ScheduledRun)))


def two_are_served(database: Database) -> Callable[[], Awaitable[bool]]:
    """Ask for what is committed: a job leaves before, and nothing may be ended in between."""

    async def reached() -> bool:
        return len(await runs(database)) >= 2

    return reached


async def test_of_several_schedulers_one_serves_a_tick(
    settings: Settings, database: Database, queue: Queue, probe: Probed
) -> None:
    probe.declare(schedule=YEARLY)
    long_ago = now() - timedelta(days=1000)
    async with committing(settings) as another:
        for _ in range(3):
            schedulers = [Scheduler(one, queue) for one in (database, another)]
            # Each has looked already whether somebody served it, and nobody had.
            for scheduler in schedulers:
                scheduler.served[Probe.task] = long_ago
            await asyncio.gather(*(one.serve(TASKS[Probe.task], long_ago) for one in schedulers))
        assert [run.tick for run in await runs(another)] == [YEARLY.last(now())]
        assert len(await waiting(queue)) == 1


async def test_a_running_scheduler_serves_each_tick(
    probe: Probed, database: Database, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    probe.declare(schedule=Cron("*/1 * * * * *"))

    await run_until(two_are_served(database), Scheduler(database, queue))
    served = {run.tick for run in await runs(database)}
    assert len(await waiting(queue)) == len(served) >= 2


class Broken(Cron):
    """A schedule that fails in a way that nobody thought of."""

    def last(self, moment: datetime) -> datetime:
        raise LookupError(moment.year)


async def test_what_no_one_expected_is_logged_once_and_stops_no_other_schedule(
    database: Database,
    queue: Queue,
    probe: Probed,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    probe.declare(schedule=Cron("*/1 * * * * *"))
    broken = replace(TASKS[Probe.task], schedule=Broken("* * * * *"))
    monkeypatch.setattr(module, "TASKS", {"tests.broken": broken, **TASKS})

    await run_until(two_are_served(database), Scheduler(database, queue))
    # SQLAlchemy has one too, where the scheduler ends while it gives a connection back.
    ours = [record for record in caplog.records if record.name == module.__name__]
    (line,) = [record for record in ours if record.levelname == "ERROR"]
    assert line.getMessage() == "Scheduling failed: tests.probe"
    assert line.exc_info is not None


class Refusing:
    """A queue that takes no job until it has refused some."""

    def __init__(self, queue: Queue, times: int) -> None:
        self.queue = queue
        self.times = times

    async def send(self, job: Job) -> None:
        self.times -= 1
        if self.times >= 0:
            raise QueueError("it is full")
        await self.queue.send(job)


async def test_a_tick_waits_for_a_queue_that_fails(
    database: Database,
    queue: Queue,
    probe: Probed,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    probe.declare(schedule=YEARLY)
    async with database.transaction() as session:
        before = YEARLY.last(now() - timedelta(days=366))
        session.add(ScheduledRun(task=Probe.task, tick=before, expires_at=now()))
    refusing = Refusing(queue, 1000)

    async def it_was_refused() -> bool:
        return refusing.times < 998

    await run_until(it_was_refused, Scheduler(database, refusing))
    assert len(await runs(database)) == 1
    caplog.clear()

    await run_until(two_are_served(database), Scheduler(database, Refusing(queue, 3)))
    assert len(await waiting(queue)) == 1
    assert caplog.text.count("Scheduled tasks have to wait: it is full") == 1

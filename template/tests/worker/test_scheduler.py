"""A tick is served once, however many schedulers look, and is not lost where nobody could."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.clock import now
from app.core.db.session import Database
from app.worker.broker import Queue
from app.worker.cron import Cron
from app.worker.models import ScheduledRun
from app.worker.scheduler import Scheduler
from app.worker.task import TASKS
from tests.broker import waiting
from tests.worker.probe import Probe, Probed

YEARLY = Cron("0 0 1 1 *")


@pytest.fixture
def yearly(probe: Probed) -> Probed:
    probe.declare(schedule=YEARLY)
    return probe


async def runs(database: Database) -> list[ScheduledRun]:
    async with database.transaction(reading=True) as session:
        return list(await session.exec(select(ScheduledRun)))


@pytest.mark.usefixtures("yearly")
async def test_a_missed_tick_is_made_up_for_once(database: Database, queue: Queue) -> None:
    """Two were missed since the one that was served: the last of them counts."""
    async with database.transaction() as session:
        before = YEARLY.last(now() - timedelta(days=2 * 366))
        session.add(ScheduledRun(task=Probe.task, tick=before, expires_at=now()))
    for _ in range(2):
        scheduler = Scheduler(database, queue)
        await scheduler.serve(TASKS[Probe.task], now())
        await scheduler.serve(TASKS[Probe.task], now())
    assert len(await waiting(queue)) == 1
    last = max(await runs(database), key=lambda run: run.tick)
    assert last.tick == YEARLY.last(now())
    assert last.expires_at > YEARLY.next(now())


@pytest.mark.usefixtures("yearly")
async def test_nothing_comes_before_its_tick(database: Database, queue: Queue) -> None:
    await Scheduler(database, queue).serve(TASKS[Probe.task], now())
    assert await waiting(queue) == []
    assert await runs(database) == []

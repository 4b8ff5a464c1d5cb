"""Enqueues scheduled tasks at their ticks, once for a tick however many schedulers run.

The database decides between them: a tick is a row, and a row can be added once. A job is sent
before that is committed, so a scheduler that dies in between may send it twice, but never not at
all. A tick that passed while no scheduler ran is made up for, the latest of several only.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import col, select

from app.core.clock import now
from app.core.db.session import Database
from app.worker.models import ScheduledRun
from app.worker.payload import Job
from app.worker.queue import Queue, QueueError
from app.worker.task import TASKS, Task

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # second
# A served tick is remembered for as long after the next one.
REMEMBERED = timedelta(days=7)


class Scheduler:
    def __init__(self, database: Database, queue: Queue) -> None:
        self.database = database
        self.queue = queue
        self.served: dict[str, datetime] = {}
        self.failing: set[str] = set()

    async def run(self) -> None:
        """Serve ticks until this is cancelled. What fails is tried again, and logged once."""
        started = now()
        while True:
            failing: set[str] = set()
            for task in TASKS.values():
                if reason := await self.reason_to_wait(task, started):
                    failing.add(reason)
            self.failing = failing
            await asyncio.sleep(LOOK_EVERY)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve ticks until the end of the block."""
        running = asyncio.create_task(self.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def reason_to_wait(self, task: Task, started: datetime) -> str | None:
        """Serve a task; where that fails, log why. No task keeps the others from being served."""
        try:
            await self.serve(task, started)
        except (QueueError, SQLAlchemyError, OSError) as error:
            reason = str(error).partition("\n")[0]
            if self.is_new(reason):
                logger.warning("Scheduled tasks have to wait: %s", reason)
        except Exception as error:
            reason = f"{task.name}: {error!r}"
            if self.is_new(reason):
                logger.exception("Scheduling failed: %s", task.name)
        else:
            return None
        return reason

    def is_new(self, reason: str) -> bool:
        """Say whether nothing failed for this reason in this look or the last."""
        known = reason in self.failing
        self.failing.add(reason)
        return not known

    async def serve(self, task: Task, started: datetime) -> None:
        """Enqueue a task if a tick has passed that nobody has served."""
        if task.schedule is None:
            return
        if task.name not in self.served:
            self.served[task.name] = await self.last_served(task.name) or started
        tick = task.schedule.last(now())
        if tick <= self.served[task.name]:
            return
        if await self.claim_and_send(task, tick, task.schedule.next(tick) + REMEMBERED):
            logger.info("Scheduled: %s, due %s", task.name, tick.isoformat())
        self.served[task.name] = tick

    async def last_served(self, name: str) -> datetime | None:
        query = (
            select(ScheduledRun.tick)
            .where(ScheduledRun.task == name)
            .order_by(col(ScheduledRun.tick).desc())
            .limit(1)
        )
        async with self.database.transaction(reading=True) as session:
            return (await session.exec(query)).one_or_none()

    async def claim_and_send(self, task: Task, tick: datetime, expires_at: datetime) -> bool:
        """Say whether it was this scheduler that served the tick."""
        job = Job.of(task.payload())
        try:
            async with self.database.transaction() as session:
                session.add(ScheduledRun(task=task.name, tick=tick, expires_at=expires_at))
                await session.flush()
                await self.queue.send(job)
        except IntegrityError:
            return False
        return True

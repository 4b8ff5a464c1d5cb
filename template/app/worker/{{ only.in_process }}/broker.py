"""Tasks run in the process that enqueued them, beside its requests.

What waits for its next attempt, and what cannot end when the process has to, is lost.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.outcome import Again
from app.worker.payload import Job
from app.worker.perform import perform
from app.worker.task import Resources

logger = logging.getLogger(__name__)

AT_ONCE = 8
# Seconds that running tasks have to end in when the process has to.
GRACE = 5.0


class Queue:
    # What a readiness check asks: nothing that could be missing.
    checks: dict[str, Callable[[], Awaitable[None]]] = {}  # noqa: RUF012, never changed

    def __init__(self, settings: Settings, database: Database) -> None:
        self.resources = Resources(settings, database, self)
        self.running: dict[asyncio.Task[None], Job] = {}
        self.places = asyncio.Semaphore(AT_ONCE)

    async def send(self, job: Job) -> None:
        running = asyncio.create_task(self.attempt_until_done(job))
        self.running[running] = job
        running.add_done_callback(self.running.pop)

    async def attempt_until_done(self, job: Job) -> None:
        attempt = 1
        while True:
            async with self.places:
                outcome = await perform(job, attempt, self.resources)
            if not isinstance(outcome, Again):
                return
            await asyncio.sleep(outcome.delay)
            attempt += 1

    async def aclose(self) -> None:
        """Let tasks end that can within GRACE seconds, and name those that cannot."""
        if self.running:
            await asyncio.wait(self.running, timeout=GRACE)
        for task, job in list(self.running.items()):
            logger.error("Lost the job %s of %s: the process ends", job.id, job.task)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

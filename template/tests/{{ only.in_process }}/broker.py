"""The queue of a test run: the process itself, so a job waits by running."""

import asyncio

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.payload import Job


async def waiting(queue: Queue) -> list[Job]:
    return list(queue.running.values())


def hold(queue: Queue) -> None:
    """Let jobs wait, as they do where a worker would take them: a test's requests have one
    connection, and nothing may come between them.
    """
    queue.places = asyncio.Semaphore(0)


async def empty(queue: Queue) -> None:
    """Take away what waits."""
    running = list(queue.running)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def remove(_: Settings) -> None:
    """Take away all that is left: nothing is."""

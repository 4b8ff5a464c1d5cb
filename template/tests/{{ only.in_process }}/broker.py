"""The queue of a test run: the process itself, so a job waits by running."""

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.payload import Job


async def waiting(queue: Queue) -> list[Job]:
    return list(queue.running.values())


async def empty(_: Queue) -> None:
    """Take away what waits: closing the queue does it."""


async def remove(_: Settings) -> None:
    """Take away all that is left: nothing is."""

"""The queue of a test run, on the Redis of BROKER_URL or on the one of development."""

from contextlib import aclosing

from arq.constants import job_key_prefix

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.payload import Job


async def waiting(queue: Queue) -> list[Job]:
    """Read what waits for a worker; it goes on waiting."""
    found = await queue.redis.queued_jobs()
    return [Job(one.function, one.args[0], str(one.job_id)) for one in found]


def hold(_: Queue) -> None:
    """Let jobs wait: without a worker they do."""


async def empty(queue: Queue) -> None:
    """Take away what waits and what was set aside."""
    for job in await waiting(queue):
        await queue.redis.delete(job_key_prefix + job.id)
    await queue.redis.delete(queue.name, queue.aside_key)


async def remove(settings: Settings) -> None:
    """Take away all that is left."""
    async with aclosing(Queue(settings)) as queue:
        await empty(queue)

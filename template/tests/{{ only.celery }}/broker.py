"""The queue of a test run, on the broker of BROKER_URL or on the one of development."""

import asyncio
from contextlib import aclosing

from kombu import Queue as BrokerQueue

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.payload import Job


async def waiting(queue: Queue) -> list[Job]:
    """Read what waits for a worker; it goes on waiting."""
    return await asyncio.to_thread(read, queue)


def read(queue: Queue) -> list[Job]:
    found, messages = [], []
    with queue.celery.connection_for_read() as connection:
        waiting = BrokerQueue(queue.name, durable=True)(connection.default_channel)
        waiting.declare()
        while message := waiting.get():
            messages.append(message)
            headers = message.headers
            found.append(Job(headers["task"], message.decode()[0][0], headers["id"]))
        for message in messages:
            message.requeue()
    return found


def hold(_: Queue) -> None:
    """Let jobs wait: without a worker they do."""


async def empty(queue: Queue) -> None:
    """Take away what waits and what was set aside."""
    await asyncio.to_thread(purge, queue)


def purge(queue: Queue) -> None:
    with queue.celery.connection_for_write() as connection:
        for name in (queue.name, queue.aside_queue.name):
            place = BrokerQueue(name, durable=True)(connection.default_channel)
            place.declare()
            place.purge()


async def remove(settings: Settings) -> None:
    """Take away all that is left, the places too."""
    async with aclosing(Queue(settings)) as queue:
        await asyncio.to_thread(delete, queue)


def delete(queue: Queue) -> None:
    control = f"{queue.name}.control.pidbox"
    with queue.celery.connection_for_write() as connection:
        channel = connection.default_channel
        for name in (queue.name, queue.aside_queue.name):
            place = BrokerQueue(name, durable=True)(channel)
            place.declare()
            place.purge()
            place.delete()
        for name in (queue.name, control, f"reply.{control}", f"{queue.name}.events"):
            channel.exchange_delete(name)

"""What a process opens to enqueue, and what a server runs beside its requests."""

from contextlib import aclosing, nullcontext

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.broker import Queue


def open_queue(settings: Settings, _: Database) -> aclosing[Queue]:
    """Open the queue of a process for a block of `async with`."""
    return aclosing(Queue(settings))


def embedded_scheduler(_: Database, __: Queue) -> nullcontext[None]:
    """Do nothing: schedules are served by the workers."""
    return nullcontext()

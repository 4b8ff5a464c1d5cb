"""What a process opens to enqueue, and what a server runs beside its requests."""

from contextlib import AbstractAsyncContextManager, aclosing

from app.core.db.session import Database
from app.core.settings import Settings
from app.registry import import_tasks
from app.worker.broker import Queue
from app.worker.scheduler import Scheduler


def open_queue(settings: Settings, database: Database) -> aclosing[Queue]:
    """Open the queue of a process for a block of `async with`, and let end what runs then."""
    import_tasks()
    return aclosing(Queue(settings, database))


def embedded_scheduler(database: Database, queue: Queue) -> AbstractAsyncContextManager[None]:
    """Serve schedules for as long as the server runs: there is no other process that could."""
    return Scheduler(database, queue).running()

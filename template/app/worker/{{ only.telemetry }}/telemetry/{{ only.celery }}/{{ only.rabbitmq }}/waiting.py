"""What waits in a queue of RabbitMQ.

It tells how many messages wait. How old they are can only be seen by taking one out, which would
change their order: the time that jobs waited is measured when they begin.
"""

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.telemetry.what_waits import Look, Waiting

SYSTEM = "celery"


def queue_name(settings: Settings) -> str:
    return settings.task_queue


def looking_at(_: Settings, queue: Queue) -> Look:
    def look() -> Waiting | None:
        try:
            with queue.connected() as connection:
                declared = connection.default_channel.queue_declare(queue.name, passive=True)
        except Exception:
            return None
        return Waiting(declared.message_count)

    return look

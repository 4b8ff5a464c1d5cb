"""What waits in a list of Redis, as Celery's messages do: the oldest stands at its end."""

import json
import time
from base64 import b64decode
from typing import Any

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.payload import Job
from app.worker.telemetry.what_waits import Look, Waiting

SYSTEM = "celery"


def queue_name(settings: Settings) -> str:
    return settings.task_queue


def looking_at(_: Settings, queue: Queue) -> Look:
    # kombu begins names with the prefix for commands that it uses itself; LINDEX is none of them.
    key = f"{queue.name}:{queue.name}"

    def look() -> Waiting | None:
        try:
            with queue.connected() as connection:
                redis: Any = connection.default_channel.client
                depth, oldest = redis.llen(queue.name), redis.lindex(key, -1)
        except Exception:
            return None
        return Waiting(depth, 0.0 if oldest is None else age_of(oldest))

    return look


def age_of(message: bytes) -> float | None:
    """Give the seconds since a message was sent, where it says when."""
    try:
        arguments, *_ = json.loads(b64decode(json.loads(message)["body"]))
        sent_at = Job.received("", "", *arguments).origin.get("sent_at")
    except (ValueError, KeyError, TypeError):
        return None
    return None if sent_at is None else max(0.0, time.time() - sent_at)

"""What waits in a queue of ARQ's: members of a sorted set, by the time at which they are due."""

import time
from typing import Any

from arq.constants import in_progress_key_prefix
from redis import Redis
from redis.exceptions import RedisError

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.telemetry.what_waits import Look, Waiting

SYSTEM = "arq"
PATIENCE = 1.0  # seconds
# Jobs that run keep their places in the set, the first ones. No queue has more workers than this.
LOOKED_AT = 1000


def queue_name(settings: Settings) -> str:
    return settings.task_queue


def looking_at(settings: Settings, queue: Queue) -> Look:
    url, limits = settings.broker_url.get_secret_value(), {"socket_connect_timeout": PATIENCE}

    def look() -> Waiting | None:
        try:
            with Redis.from_url(url, socket_timeout=PATIENCE, **limits) as redis:
                return what_waits(redis, queue.name)
        except (RedisError, OSError, ValueError):
            return None

    return look


def what_waits(redis: Any, name: str) -> Waiting:
    now = time.time() * 1000
    due = redis.zcount(name, "-inf", now)
    first = redis.zrangebyscore(name, "-inf", now, 0, LOOKED_AT, withscores=True)
    if not first:
        return Waiting(0, 0.0)
    running = redis.mget([in_progress_key_prefix.encode() + job for job, _ in first])
    idle = [since for (_, since), at_work in zip(first, running, strict=True) if not at_work]
    oldest = max(0.0, (now - idle[0]) / 1000) if idle else 0.0
    return Waiting(due - len(first) + len(idle), oldest)

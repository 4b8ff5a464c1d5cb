"""Jobs wait in a queue of ARQ's, on Redis; who runs them is in `run.py`."""

import json
import socket
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import Any

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from app.core.settings import Settings
from app.worker.payload import Job
from app.worker.queue import Aside, QueueError

# Milliseconds for which a job waits for a worker: what is due is never thrown away.
FOR_GOOD = 10 * 365 * 24 * 3600 * 1000


def to_json(what: dict[str, Any]) -> bytes:
    return json.dumps(what).encode()


@contextmanager
def naming_the_setting() -> Generator[None]:
    """Turn what Redis raises into one line that says where to look."""
    try:
        yield
    except (RedisError, OSError, ValueError, TimeoutError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise QueueError(f"the Redis of BROKER_URL cannot be used: {reason}") from error


class Queue:
    def __init__(self, settings: Settings) -> None:
        self.url = settings.broker_url.get_secret_value()
        self.name = settings.task_queue
        self.checks: dict[str, Callable[[], Awaitable[None]]] = {"broker (BROKER_URL)": self.ping}

    @cached_property
    def redis(self) -> ArqRedis:
        """Give the client, made when it is first used: a bad address stops no server."""
        pool = ConnectionPool.from_url(self.url, socket_connect_timeout=2, socket_timeout=5)
        return ArqRedis(
            pool,
            job_serializer=to_json,
            job_deserializer=json.loads,
            default_queue_name=self.name,
            expires_extra_ms=FOR_GOOD,
        )

    async def send(self, job: Job) -> None:
        with naming_the_setting():
            await self.redis.enqueue_job(job.task, *job.arguments, _job_id=job.id)

    async def ping(self) -> None:
        with naming_the_setting():
            await self.redis.ping()

    @property
    def heartbeat_key(self) -> str:
        return f"{self.name}:worker:{socket.gethostname()}"

    async def worker_answers(self) -> bool:
        """Say whether a worker of this host is at work."""
        with naming_the_setting():
            return bool(await self.redis.exists(self.heartbeat_key))

    @property
    def lists(self) -> Any:
        """Give the client without its types: for lists they also allow what does not wait."""
        return self.redis

    @property
    def aside_key(self) -> str:
        return f"{self.name}:aside"

    async def set_aside(self, job: Job, reason: str) -> None:
        with naming_the_setting():
            await self.lists.rpush(self.aside_key, to_json(asdict(Aside(job, reason))))

    async def aside(self) -> list[Aside]:
        """Give what was set aside, the oldest first."""
        with naming_the_setting():
            texts = await self.lists.lrange(self.aside_key, 0, -1)
        return [Aside.of(json.loads(text)) for text in texts]

    async def retry_aside(self) -> int:
        """Enqueue again what was set aside; give the number of jobs."""
        with naming_the_setting():
            # What is set aside again meanwhile is for another time.
            texts = await self.lists.lrange(self.aside_key, 0, -1)
            for text in texts:
                await self.send(Aside.of(json.loads(text)).job)
                await self.lists.lrem(self.aside_key, 1, text)
        return len(texts)

    async def aclose(self) -> None:
        if "redis" in self.__dict__:
            await self.redis.aclose(close_connection_pool=True)

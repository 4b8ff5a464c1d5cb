"""Jobs wait in a queue of Celery's; who runs them is in `run.py`."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from celery import Celery
from kombu import Connection
from kombu import Queue as BrokerQueue

from app.core import about
from app.core.settings import Settings
from app.registry import import_tasks
from app.worker.payload import Job
from app.worker.queue import Aside, QueueError
from app.worker.task import JITTER, MAX_DELAY, TASKS

# Seconds that a request waits for the broker to take a job.
PATIENCE = 3.0
# Seconds after which a broker that says nothing has gone away.
SILENCE = 5.0
# Seconds beyond a task's own limit after which its process is killed: it blocks its event loop.
MARGIN = 5.0


def celery_for(settings: Settings) -> Celery:
    """Configure Celery: JSON only, and no job is done before it is done."""
    name = settings.task_queue
    app = Celery(about.NAME, broker=settings.broker_url.get_secret_value(), set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue=name,
        task_queues=[BrokerQueue(name, durable=True)],
        # Acknowledged after the work. What a lost process had is sent again as its next attempt; it
        # goes back to the queue as it is where that cannot be sent.
        task_acks_late=True,
        task_retry_on_worker_lost=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.worker_concurrency,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_consumer="app.worker.run:TellingConsumer",
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=True,
        # Other services may use the same broker.
        control_exchange=f"{name}.control",
        event_exchange=f"{name}.events",
        broker_connection_timeout=2,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "confirm_publish": True,
            "global_keyprefix": f"{name}:",
            "socket_connect_timeout": 2,
            "socket_timeout": SILENCE,
            "visibility_timeout": longest_absence(),
            "unacked_restore_throttle": 1,  # look for lost jobs every 10 s, not every 100 s
        },
    )
    return app


def longest_absence() -> int:
    """Give the seconds after which a job that a worker took counts as lost, where nothing else
    tells: longer than an attempt takes, and than a worker holds what waits for the next one.

    Any process that reads may give such a job back, a readiness check too: so each knows the tasks.
    """
    import_tasks()
    attempts = [task.time_limit + MARGIN for task in TASKS.values()]
    delays = [
        min(task.first_delay * 2.0**task.retries, MAX_DELAY) * (1 + JITTER)
        for task in TASKS.values()
    ]
    return round(max(attempts, default=0) + max(delays, default=0) + 10)


class Queue:
    def __init__(self, settings: Settings) -> None:
        self.name = settings.task_queue
        self.aside_queue = BrokerQueue(f"{self.name}.aside", durable=True)
        self.celery = celery_for(settings)
        # Its own: a broker that lets them wait must not keep others from theirs.
        self.threads = ThreadPoolExecutor(thread_name_prefix="queue")
        self.checks: dict[str, Callable[[], Awaitable[None]]] = {"broker (BROKER_URL)": self.ping}

    async def blocking(
        self, call: Callable[..., Any], *arguments: Any, patient: bool = False
    ) -> Any:
        """Call what blocks in a thread, and say where to look when it fails."""
        try:
            async with asyncio.timeout(None if patient else PATIENCE):
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self.threads, call, *arguments)
        except Exception as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise QueueError(f"the broker of BROKER_URL cannot be used: {reason}") from error

    async def send(self, job: Job) -> None:
        await self.blocking(self.send_now, job)

    def send_now(self, job: Job) -> None:
        # One more attempt, on a new connection: the pool's may have been lost since it was used.
        self.celery.send_task(
            job.task,
            job.arguments,
            task_id=job.id,
            argsrepr="",  # it would be shown in logs
            kwargsrepr="",
            confirm_timeout=PATIENCE,  # one that is short of memory or disk confirms nothing
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0},
        )

    async def ping(self) -> None:
        await self.blocking(self.ping_now)

    @contextmanager
    def connected(self) -> Generator[Connection]:
        """Connect, and do not try for ever."""
        with self.celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            yield connection

    def ping_now(self) -> None:
        with self.connected() as connection:
            self.aside_queue(connection.default_channel).declare()

    async def worker_answers(self) -> bool:
        """Say whether a worker of this host is at work."""
        return bool(await self.blocking(self.ping_workers))

    def ping_workers(self) -> Any:
        with self.connected() as connection:
            return self.celery.control.broadcast(
                "ping",
                pattern=f"*@{socket.gethostname()}",
                matcher="glob",
                reply=True,
                limit=1,
                timeout=2,
                connection=connection,
            )

    async def aside(self) -> list[Aside]:
        """Give what was set aside, the oldest first."""
        found: list[Aside] = await self.blocking(self.take_aside, None, patient=True)
        return found

    async def retry_aside(self) -> int:
        """Enqueue again what was set aside; give the number of jobs."""
        return len(await self.blocking(self.take_aside, self.send_now, patient=True))

    def set_aside_now(self, job: Job, reason: str) -> None:
        """Keep a job, however long the broker takes: a worker that gave up would lose it."""
        with self.celery.producer_pool.acquire(block=True) as producer:
            producer.publish(
                asdict(Aside(job, reason)),
                exchange="",
                routing_key=self.aside_queue.name,
                declare=[self.aside_queue],
                serializer="json",
                retry=True,
            )

    def take_aside(self, use: Callable[[Job], None] | None) -> list[Aside]:
        """Read what was set aside; what is used leaves, all else stays."""
        found, kept = [], []
        with self.connected() as connection:
            queue = self.aside_queue(connection.default_channel)
            # What is set aside again meanwhile is for another time.
            for _ in range(queue.queue_declare().message_count):
                if (message := queue.get()) is None:
                    break
                aside = Aside.of(message.decode())
                found.append(aside)
                if use is None:
                    kept.append(message)
                else:
                    use(aside.job)
                    message.ack()
            for message in kept:
                message.requeue()
        return found

    async def aclose(self) -> None:
        await asyncio.to_thread(self.celery.close)
        self.threads.shutdown(wait=False, cancel_futures=True)

"""Tasks run in the processes of Celery's workers, each with one event loop for all its life."""

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import asdict
from typing import Any

from celery import Celery, Task, bootsteps, signals
from celery.exceptions import TimeLimitExceeded
from celery.worker.consumer import Consumer
from kombu import Queue as BrokerQueue

from app.core import about
from app.core.db.session import Database
from app.core.settings import Settings
from app.registry import import_tasks
from app.worker.log import log_to_terminal
from app.worker.payload import Job
from app.worker.perform import Again, SetAside, perform
from app.worker.queue import Aside, QueueError
from app.worker.scheduler import Scheduler
from app.worker.task import JITTER, MAX_DELAY, TASKS, Resources

logger = logging.getLogger(__name__)

# Seconds that a request waits for the broker to take a job.
PATIENCE = 3.0
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
        # Acknowledged after the work; what a lost process had goes back to the queue.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.worker_concurrency,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_consumer=f"{__name__}:TellingConsumer",
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
        self.checks: dict[str, Callable[[], Awaitable[None]]] = {"broker (BROKER_URL)": self.ping}

    async def blocking(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call what blocks in a thread, and say where to look when it fails."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(call, *arguments)
        except Exception as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            raise QueueError(f"the broker of BROKER_URL cannot be used: {reason}") from error

    async def send(self, job: Job) -> None:
        await self.blocking(self.send_now, job)

    def send_now(self, job: Job) -> None:
        # One more attempt, on a new connection: the pool's may have been lost since it was used.
        self.celery.send_task(
            job.task,
            [job.payload],
            task_id=job.id,
            argsrepr="",  # it would be shown in logs
            kwargsrepr="",
            retry=True,
            retry_policy={"max_retries": 1, "interval_start": 0},
        )

    async def ping(self) -> None:
        await self.blocking(self.ping_now)

    def ping_now(self) -> None:
        with self.celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            self.aside_queue(connection.default_channel).declare()

    async def worker_answers(self) -> bool:
        """Say whether a worker of this host is at work."""
        return bool(await self.blocking(self.ping_workers))

    def ping_workers(self) -> Any:
        return self.celery.control.broadcast(
            "ping",
            pattern=f"*@{socket.gethostname()}",
            matcher="glob",
            reply=True,
            limit=1,
            timeout=2,
        )

    async def aside(self) -> list[Aside]:
        """Give what was set aside, the oldest first."""
        found: list[Aside] = await self.blocking(self.take_aside, None)
        return found

    async def retry_aside(self) -> int:
        """Enqueue again what was set aside; give the number of jobs."""
        return len(await self.blocking(self.take_aside, self.send_now))

    def set_aside_now(self, job: Job, reason: str) -> None:
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
        with self.celery.connection_for_read() as connection:
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

    async def close(self) -> None:
        await asyncio.to_thread(self.celery.close)


@asynccontextmanager
async def open_queue(settings: Settings, _: Database) -> AsyncGenerator[Queue]:
    """Open the queue of a process."""
    queue = Queue(settings)
    try:
        yield queue
    finally:
        await queue.close()


def beside_the_server(_: Database, __: Queue) -> nullcontext[None]:
    """Do nothing: schedules are served by the workers."""
    return nullcontext()


# ---------------------------------------------------------------- the worker


class Process:
    """A process of the pool: its event loop, its engine and its queue, opened once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def open(self, **_: Any) -> None:
        self.loop = asyncio.Runner()
        self.database = Database.from_settings(self.settings)
        self.queue = Queue(self.settings)
        self.resources = Resources(self.settings, self.database, self.queue)

    def close(self, **_: Any) -> None:
        self.loop.run(self.database.close())
        self.loop.close()

    def perform(self, job: Job, attempt: int) -> Again | SetAside | None:
        return self.loop.run(perform(job, attempt, self.resources))


class CarriedTask(Task):  # type: ignore[misc]
    """What Celery calls: one attempt at a job, and then what its outcome says."""

    queue: Queue
    process: Process
    max_retries = None  # counted by the task's own rule

    def run(self, payload: Any = None, *_: Any, **__: Any) -> None:
        job = Job(self.name, payload, self.request.id)
        outcome = self.process.perform(job, self.request.retries + 1)
        if isinstance(outcome, Again):
            raise self.retry(countdown=outcome.delay, argsrepr="", kwargsrepr="")
        if isinstance(outcome, SetAside):
            self.process.queue.set_aside_now(job, outcome.reason)

    def on_failure(self, exc: Any, task_id: str, args: Any, *_: Any) -> None:
        """Keep a job whose process had to be killed; this runs in the parent."""
        if isinstance(exc, TimeLimitExceeded):
            self.queue.set_aside_now(
                Job(self.name, args[0], task_id), "it blocked its process for longer than its limit"
            )


class TellingConsumer(Consumer):  # type: ignore[misc]
    """Sets aside what Celery itself would throw away: what it does not know or cannot read."""

    def on_unknown_task(self, body: Any, message: Any, exc: Any) -> None:  # noqa: ARG002
        self.set_aside(message, "no task of this release has its name")

    def on_unknown_message(self, body: Any, message: Any) -> None:  # noqa: ARG002
        self.set_aside(message, "it is no message of a task")

    def on_invalid_task(self, body: Any, message: Any, exc: Any) -> None:  # noqa: ARG002
        self.set_aside(message, f"it is no message of a task: {exc}")

    def on_decode_error(self, message: Any, exc: Any) -> None:
        self.set_aside(message, f"it cannot be read: {exc}")

    def set_aside(self, message: Any, reason: str) -> None:
        headers = message.headers or {}
        job = Job(str(headers.get("task")), None, str(headers.get("id") or "-"))
        try:
            job = Job(job.task, message.decode()[0][0], job.id)
        except Exception:
            reason += f" (content type {message.content_type})"
        logger.error("Set aside: %s %s, %s", job.task, job.id, reason)
        self.app.queue.set_aside_now(job, reason)
        message.ack()


class Schedules(bootsteps.StartStopStep):  # type: ignore[misc]
    """The scheduler, in a process beside those of the pool."""

    def start(self, worker: Any) -> None:  # noqa: ARG002
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=serve_schedules, args=(os.getpid(),), daemon=True)
        self.process.start()

    def stop(self, worker: Any) -> None:  # noqa: ARG002
        self.process.terminate()
        self.process.join()

    terminate = stop


def serve_schedules(parent: int) -> None:
    """Serve schedules until SIGTERM, or until the worker is gone that started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log_to_terminal()
    asyncio.run(scheduling(Settings(), parent))


async def scheduling(settings: Settings, parent: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database.from_settings(settings)
    async with open_queue(settings, database) as queue:
        scheduler = asyncio.create_task(Scheduler(database, queue).run())
        while not stop.is_set() and os.getppid() == parent:
            await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=1)
        scheduler.cancel()
        await asyncio.wait({scheduler})
    await database.close()


def run_worker(settings: Settings) -> None:
    """Run jobs and serve schedules until SIGTERM or Ctrl-C.

    Then no new job begins, what runs has WORKER_GRACE seconds to end, and the rest is given back.
    """
    # What matters of a job is logged by `perform`.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    queue, process = Queue(settings), Process(settings)
    app = queue.celery
    app.queue = queue
    for task in TASKS.values():
        attributes = {
            "name": task.name,
            "queue": queue,
            "process": process,
            "time_limit": task.time_limit + MARGIN,
        }
        app.register_task(type("CarriedTask", (CarriedTask,), attributes)())
    app.steps["worker"].add(Schedules)
    signals.worker_process_init.connect(process.open)
    signals.worker_process_shutdown.connect(process.close)
    worker = app.Worker(
        hostname=f"{queue.name}-{os.getpid()}@{socket.gethostname()}",
        pool="prefork",
        loglevel="INFO",
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )

    def limit_the_shutdown(**_: Any) -> None:
        # What is cancelled is not acknowledged: it goes back when the connection is closed.
        timer = threading.Timer(settings.worker_grace, worker.consumer.cancel_active_requests)
        timer.daemon = True
        timer.start()

    signals.worker_shutting_down.connect(limit_the_shutdown)
    logger.info("At work on %s, %d tasks known", queue.name, len(TASKS))
    try:
        queue.ping_now()
    except Exception as error:
        logger.warning("Waiting for the broker of BROKER_URL: %s", error)
    worker.start()
    logger.info("Stopped")

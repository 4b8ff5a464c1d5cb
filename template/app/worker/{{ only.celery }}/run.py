"""Tasks run in the processes of Celery's workers, each with one event loop for all its life."""

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import threading
from typing import Any

from celery import Task, bootsteps, signals
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.worker.consumer import Consumer

from app.core.db.session import Database
from app.core.settings import Settings
from app.registry import import_tasks
from app.worker.broker import MARGIN, Queue
from app.worker.lifespan import open_queue
from app.worker.log import log_to_terminal
from app.worker.payload import Job
from app.worker.perform import Again, SetAside, perform
from app.worker.scheduler import Scheduler
from app.worker.task import TASKS, Resources

logger = logging.getLogger(__name__)


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
            raise self.retry(countdown=outcome.delay)
        if isinstance(outcome, SetAside):
            self.process.queue.set_aside_now(job, outcome.reason)

    def signature_from_request(self, *arguments: Any, **options: Any) -> Any:
        """Describe the next attempt, without its payload where logs would show it."""
        return super().signature_from_request(*arguments, **options, argsrepr="", kwargsrepr="")

    def on_retry(self, exc: Any, task_id: str, *_: Any) -> None:
        """Name a job whose process ended under it; this runs in the parent."""
        if isinstance(exc, WorkerLostError):
            told = (self.request.retries + 1, self.name, task_id, exc)
            logger.error("Attempt %d of %s %s lost its process: %s", *told)

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
    async with open_queue(settings, database) as queue, Scheduler(database, queue).running():
        while not stop.is_set() and os.getppid() == parent:
            await asyncio.wait({asyncio.create_task(stop.wait())}, timeout=1)
    await database.close()


def run_worker(settings: Settings) -> None:
    """Run jobs and serve schedules until SIGTERM or Ctrl-C.

    Then no new job begins, what runs has WORKER_GRACE seconds to end, and the rest is given back.
    """
    # What matters of a job is logged by `perform`.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    import_tasks()
    queue, process = Queue(settings), Process(settings)
    app = queue.celery
    app.queue = queue
    for task in TASKS.values():
        attributes = {
            "name": task.name,
            "queue": queue,
            "process": process,
            "time_limit": task.time_limit + MARGIN,
            "default_retry_delay": task.delay_after(1),  # after each lost process
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

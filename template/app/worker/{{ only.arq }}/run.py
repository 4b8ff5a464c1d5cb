"""Tasks run in workers that ARQ carries on Redis, each an event loop with several jobs at once."""

import asyncio
import json
import logging
import signal
from contextlib import suppress
from typing import Any

from arq.constants import retry_key_prefix
from arq.cron import CronJob
from arq.worker import Function, Retry, Worker, func
from redis.exceptions import RedisError

from app.core.db.session import Database
from app.core.settings import Settings
from app.registry import import_tasks
from app.worker.broker import Queue, naming_the_setting, to_json
from app.worker.lifespan import open_queue
from app.worker.payload import Job
from app.worker.perform import Again, SetAside, perform
from app.worker.queue import QueueError
from app.worker.scheduler import Scheduler
from app.worker.task import TASKS, Resources

logger = logging.getLogger(__name__)

# Seconds beyond a task's own limit after which ARQ ends it.
MARGIN = 5.0
# Attempts are counted by the task's own rule.
NO_LIMIT = 1_000_000
HEARTBEAT = 5  # seconds
PATIENCE = 2.0  # seconds between attempts to find a Redis that went away


class Functions(dict[str, Function | CronJob]):
    """The functions that ARQ knows: for any name there is one, which sets aside what it is not."""

    def __missing__(self, name: str) -> Function:
        return function_of(name, MARGIN)


def function_of(name: str, seconds: float) -> Function:
    async def attempt(ctx: dict[str, Any], payload: Any = None, *_: Any, **__: Any) -> None:
        resources: Resources = ctx["resources"]
        queue: Queue = ctx["queue"]
        job = Job(name, payload, ctx["job_id"])
        try:
            outcome = await perform(job, ctx["job_try"], resources)
        except asyncio.CancelledError:
            # The worker ends and gives the job back: that was no attempt of the task's.
            await asyncio.shield(queue.redis.decr(retry_key_prefix + job.id))
            raise
        if isinstance(outcome, Again):
            raise Retry(defer=outcome.delay)
        if isinstance(outcome, SetAside):
            await queue.set_aside(job, outcome.reason)

    return func(attempt, name=name, timeout=seconds, max_tries=NO_LIMIT)


def worker_of(settings: Settings, resources: Resources, queue: Queue) -> Worker:
    functions = [function_of(task.name, task.time_limit + MARGIN) for task in TASKS.values()]
    worker = Worker(
        functions,
        queue_name=queue.name,
        redis_pool=Queue(settings).redis,
        max_jobs=settings.worker_concurrency,
        job_completion_wait=max(1, round(settings.worker_grace)),
        keep_result=0,
        health_check_interval=HEARTBEAT,
        health_check_key=queue.heartbeat_key,
        handle_signals=False,
        job_serializer=to_json,
        job_deserializer=json.loads,
        log_results=False,
        ctx={"resources": resources, "queue": queue},
    )
    worker.functions = Functions(worker.functions)
    return worker


async def work_until(stop: asyncio.Event, worker: Worker) -> None:
    """Run jobs until it is time to stop, and then as long as the grace lasts.

    Raises:
        QueueError: where Redis goes away.
    """
    working = asyncio.create_task(worker.async_run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if stop.is_set():
        worker.handle_sig_wait_for_completion(signal.SIGTERM)
    try:
        # It ends by being cancelled.
        with suppress(asyncio.CancelledError), naming_the_setting():
            await working
    finally:
        with suppress(RedisError, OSError):
            await worker.close()


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT. Where Redis goes away, wait for it."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    database = Database.from_settings(settings)
    async with open_queue(settings, database) as queue, Scheduler(database, queue).running():
        resources = Resources(settings, database, queue)
        failing = ""
        while not stop.is_set():
            try:
                await work_until(stop, worker_of(settings, resources, queue))
            except QueueError as error:
                if str(error) != failing:
                    logger.warning("Waiting for the broker: %s", error)
                failing = str(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PATIENCE)
    await database.close()


def run_worker(settings: Settings) -> None:
    """Run jobs and serve schedules until SIGTERM or Ctrl-C.

    Then no new job begins, what runs has WORKER_GRACE seconds to end, and the rest is given back.
    """
    # It would log payloads; what matters is logged by `perform`.
    logging.getLogger("arq.worker").setLevel(logging.WARNING)
    import_tasks()
    logger.info("At work on %s, %d tasks known", settings.task_queue, len(TASKS))
    asyncio.run(work(settings))
    logger.info("Stopped")

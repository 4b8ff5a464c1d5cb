"""How a task is declared: an async function, a payload, and what to do when it fails.

@task(SendReminder, retries=3)
async def send_reminder(payload: SendReminder, context: TaskContext) -> None: ...
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, TypeVar

from pydantic import ValidationError

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.cron import Cron
from app.worker.payload import Payload
from app.worker.queue import Queue

# Seconds. Retries wait longer each time, but never longer than this.
MAX_DELAY = 600.0
# Seconds. With the longest delay before it, an attempt ends well within the 30 minutes after which
# a broker may take a job back that it has heard nothing of, and then it would begin again for ever.
MAX_TIME_LIMIT = 900.0
# The share by which a delay is stretched or shortened, so that jobs that failed together do not
# come back together. Small enough for each delay to be longer than the one before.
JITTER = 0.25
CHANCE = SystemRandom()

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Resources:
    """What is opened once for a process and lent to every task."""

    settings: Settings
    database: Database
    queue: Queue


@dataclass(frozen=True, slots=True)
class TaskContext(Resources):
    """What a task may use. Its transactions are its own: `context.database.transaction()`.

    A job can run twice, where a worker was lost after the work and before the receipt: use `id`,
    the same in each attempt, to do once what must not be done twice.
    """

    id: str
    attempt: int


class GiveUp(Exception):
    """Raise it with a reason where another attempt would not help: the job is set aside."""


Handler = Callable[[P, TaskContext], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Task:
    payload: type[Payload]
    handler: Handler[Any]
    retries: int
    first_delay: float
    time_limit: float
    schedule: Cron | None

    @property
    def name(self) -> str:
        return self.payload.task

    def delay_after(self, attempt: int) -> float:
        """Give the seconds to wait after an attempt, the first being 1.

        Exponential, with jitter around it (M. Brooker, Exponential Backoff And Jitter, AWS 2015).
        """
        delay = min(self.first_delay * 2.0 ** (attempt - 1), MAX_DELAY)
        return delay * CHANCE.uniform(1 - JITTER, 1 + JITTER)


TASKS: dict[str, Task] = {}


def task(
    payload: type[P],
    *,
    retries: int = 5,
    first_delay: float = 2.0,
    time_limit: float = 60.0,
    schedule: Cron | None = None,
) -> Callable[[Handler[P]], Handler[P]]:
    """Declare the task that a payload names; the function itself stays as it is.

    Args:
        retries: attempts after the first one, before the job is set aside.
        first_delay: seconds before the first of them; each further one waits twice as long.
        time_limit: seconds for an attempt, at most MAX_TIME_LIMIT.
        schedule: when a clock enqueues it too, with a payload of defaults.

    Raises:
        ValueError: for a name that another task has, a limit that is none, or a schedule of what
            has no defaults.
    """
    if payload.task in TASKS:
        raise ValueError(f"{payload.task} is the name of another task")
    if not 0 < time_limit <= MAX_TIME_LIMIT:
        raise ValueError(f"{payload.task}: a time limit has at most {MAX_TIME_LIMIT:g} seconds")
    if schedule is not None:
        refuse_without_defaults(payload)

    def declare(handler: Handler[P]) -> Handler[P]:
        declared = Task(payload, handler, retries, first_delay, time_limit, schedule)
        TASKS[declared.name] = declared
        return handler

    return declare


def refuse_without_defaults(payload: type[Payload]) -> None:
    try:
        payload()
    except ValidationError as error:
        name = payload.__name__
        raise ValueError(
            f"{payload.task}: a clock knows no values, so a schedule needs a default for every "
            f"field of {name}"
        ) from error

"""One attempt at a job, the same whatever carried it: what comes out says what to do next."""

import asyncio
import logging
from dataclasses import dataclass

from pydantic import ValidationError

from app.worker.payload import Job, PayloadTooLarge, refuse_too_large
from app.worker.task import TASKS, GiveUp, Resources, Task, TaskContext

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """The attempt failed: the next one is due in `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class SetAside:
    """The job cannot be done, for a reason that a person has to look at."""

    reason: str


async def perform(job: Job, attempt: int, resources: Resources) -> Again | SetAside | None:
    """Make the attempt (the first is 1). Nothing escapes but the end of this process."""
    task = TASKS.get(job.task)
    if task is None:
        return set_aside(job, "no task of this release has its name")
    if attempt > task.retries + 1:  # none of them came back to say so
        return set_aside(job, "its worker was lost in each attempt")
    try:
        refuse_too_large(job.payload)
        payload = task.payload.model_validate(job.payload)
    except PayloadTooLarge as error:
        return set_aside(job, str(error))
    except ValidationError as error:
        return set_aside(job, f"its payload is refused: {explain(error)}")
    context = TaskContext(resources.settings, resources.database, resources.queue, job.id, attempt)
    try:
        async with asyncio.timeout(task.time_limit) as limit:
            await task.handler(payload, context)
    except GiveUp as error:
        return set_aside(job, str(error))
    except Exception as error:
        reason = f"longer than its {task.time_limit:g} seconds" if limit.expired() else repr(error)
        return after_failure(task, job, attempt, reason, error)
    logger.info("Done: %s %s", job.task, job.id)
    return None


def after_failure(
    task: Task, job: Job, attempt: int, reason: str, error: Exception
) -> Again | SetAside:
    if attempt > task.retries:
        logger.error("Failed: %s %s", job.task, job.id, exc_info=error)
        return set_aside(job, f"attempt {attempt}, the last one, failed: {reason}")
    delay = task.delay_after(attempt)
    logger.warning(
        "Attempt %d of %s %s failed, the next is due in %.1f s: %s",
        *(attempt, job.task, job.id, delay, reason),
    )
    return Again(delay)


def set_aside(job: Job, reason: str) -> SetAside:
    logger.error("Set aside: %s %s, %s", job.task, job.id, reason)
    return SetAside(reason)


def explain(error: ValidationError) -> str:
    """Name each field and what is wrong with it, never its value."""
    return "; ".join(
        f"{'.'.join(map(str, found['loc'])) or 'all of it'}: {found['msg']}"
        for found in error.errors(include_input=False, include_url=False)
    )

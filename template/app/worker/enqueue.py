"""Enqueuing: a job leaves after the commit of its transaction, and is dropped on rollback."""

import logging
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.session import SessionDep, after_commit
from app.worker.payload import Enqueue, Job, Payload
from app.worker.queue import Queue, QueueError

logger = logging.getLogger(__name__)


def enqueuing(session: AsyncSession, queue: Queue) -> Enqueue:
    """Give the function that enqueues with the commit of a session, for a task or a script."""

    def enqueue(payload: Payload) -> None:
        job = Job.of(payload)
        after_commit(session, lambda: send(job, queue))

    return enqueue


async def send(job: Job, queue: Queue) -> None:
    """Hand a job over. What was committed stays so: where the queue fails, the log has a line."""
    try:
        await queue.send(job)
    except QueueError as error:
        logger.error("Lost the job %s of %s: %s", job.id, job.task, error)


async def get_enqueue(session: SessionDep, request: Request) -> Enqueue:
    return enqueuing(session, request.app.state.queue)


EnqueueDep = Annotated[Enqueue, Depends(get_enqueue)]

"""A task that takes its process with it, as one does that needs more memory than there is."""

import logging
import os
import signal

from app.worker.payload import Payload
from app.worker.task import TaskContext, task

logger = logging.getLogger(__name__)


class Deadly(Payload):
    task = "tests.deadly"

    note: str = ""


@task(Deadly, retries=2, first_delay=0.2)
async def die(_: Deadly, context: TaskContext) -> None:
    logger.info("Dying in attempt %d", context.attempt)
    os.kill(os.getpid(), signal.SIGKILL)

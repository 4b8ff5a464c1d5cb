from collections.abc import AsyncGenerator

import pytest

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.task import TASKS, Resources
from tests.worker.probe import Probe, Probed


@pytest.fixture
async def probe(queue: Queue) -> AsyncGenerator[Probed]:  # noqa: ARG001, closed after this
    """Declare the probe. It holds each job until the end of the test, unless that says else."""
    probe = Probed()
    probe.declare()
    yield probe
    probe.released.set()
    del TASKS[Probe.task]


@pytest.fixture
def resources(settings: Settings, database: Database, queue: Queue) -> Resources:
    return Resources(settings, database, queue)

"""Without a worker: tasks run beside the requests of their process, and schedules too."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.db.session import Database
from app.core.settings import Settings
from app.main import create_app
from app.worker import broker, scheduler
from app.worker.broker import Queue
from app.worker.cron import Cron
from app.worker.enqueue import EnqueueDep
from app.worker.lifespan import open_queue
from app.worker.payload import Job
from app.worker.task import Resources, TaskContext
from tests.worker.committing import committing
from tests.worker.probe import Probe, Probed


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    """Give what a server that runs beside the test can use too."""
    async with committing(settings) as database:
        yield database


async def works(_: TaskContext) -> None: ...


async def fails_twice(context: TaskContext) -> None:
    if context.attempt < 3:
        raise ConnectionError


async def test_an_answer_does_not_wait_for_its_task(
    app: FastAPI, client: AsyncClient, queue: Queue, probe: Probed
) -> None:
    queue.places = asyncio.Semaphore(1)

    @app.post("/probes")
    async def enqueue_probe(enqueue: EnqueueDep) -> None:
        enqueue(Probe())

    assert (await client.post("/probes")).status_code == 200
    await asyncio.sleep(0)
    assert len(probe.seen) == len(queue.running) == 1


async def test_what_fails_is_tried_again(probe: Probed, resources: Resources) -> None:
    probe.declare(first_delay=0.01)
    probe.do = fails_twice
    async with open_queue(resources.settings, resources.database) as queue:
        await queue.send(Job(Probe.task, {}, "one"))
    assert probe.seen == [("", "one", 1), ("", "one", 2), ("", "one", 3)]


async def test_some_run_at_once_and_the_rest_waits(probe: Probed, queue: Queue) -> None:
    for _ in range(broker.AT_ONCE + 3):
        await queue.send(Job.of(Probe()))
    await asyncio.sleep(0.05)
    assert len(probe.seen) == broker.AT_ONCE


@pytest.mark.usefixtures("probe")
async def test_what_cannot_end_with_the_process_is_named(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(broker, "GRACE", 0.05)
    async with open_queue(resources.settings, resources.database) as queue:
        await queue.send(Job(Probe.task, {}, "one"))
    assert "Lost the job one of tests.probe: the process ends" in caplog.text
    assert queue.running == {}


async def test_a_running_server_serves_schedules(
    settings: Settings, probe: Probed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "LOOK_EVERY", 0.05)
    probe.declare(schedule=Cron("*/1 * * * * *"))
    probe.do = works
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(1.5)
    assert len(probe.seen) in {1, 2}
    served = len(probe.seen)
    await asyncio.sleep(1.1)
    assert len(probe.seen) == served

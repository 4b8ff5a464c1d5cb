"""A job leaves after the commit of its transaction, whoever opened that, and never without."""

from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import event

from app.cli.script import script
from app.core.db.session import Database
from app.core.errors import Conflict
from app.worker.broker import Queue
from app.worker.enqueue import EnqueueDep, enqueuing
from app.worker.payload import Job
from app.worker.perform import perform
from app.worker.task import Resources, TaskContext
from tests.broker import waiting
from tests.worker.probe import Probe, Probed


async def notes(queue: Queue) -> list[str]:
    return sorted(job.payload["note"] for job in await waiting(queue))


@pytest.mark.usefixtures("probe")
class TestTransaction:
    async def test_jobs_leave_after_the_commit(self, database: Database, queue: Queue) -> None:
        async with database.transaction() as session:
            enqueue = enqueuing(session, queue)
            enqueue(Probe(note="a"))
            enqueue(Probe(note="b"))
            await session.flush()
            assert await notes(queue) == []
        assert await notes(queue) == ["a", "b"]

    async def test_a_rollback_drops_them(self, database: Database, queue: Queue) -> None:
        with suppress(ZeroDivisionError):
            async with database.transaction() as session:
                enqueuing(session, queue)(Probe())
                raise ZeroDivisionError
        assert await notes(queue) == []

    async def test_a_commit_that_fails_drops_them(self, database: Database, queue: Queue) -> None:
        def fail(_: Any) -> None:
            raise ZeroDivisionError

        with suppress(ZeroDivisionError):
            async with database.transaction() as session:
                event.listen(session.sync_session, "before_commit", fail)
                enqueuing(session, queue)(Probe())
        assert await notes(queue) == []


@pytest.mark.usefixtures("probe")
class TestRequest:
    @pytest.fixture(autouse=True)
    def route(self, app: FastAPI) -> None:
        @app.post("/probes")
        async def enqueue_probe(enqueue: EnqueueDep, fail: bool = False) -> None:
            enqueue(Probe(note="request"))
            if fail:
                raise Conflict("No.")

    async def test_a_request_enqueues(self, client: AsyncClient, queue: Queue) -> None:
        assert (await client.post("/probes")).status_code == 200
        assert await notes(queue) == ["request"]

    async def test_a_request_that_fails_does_not(self, client: AsyncClient, queue: Queue) -> None:
        assert (await client.post("/probes", params={"fail": True})).status_code == 409
        assert await notes(queue) == []


async def test_a_task_enqueues(probe: Probed, resources: Resources, queue: Queue) -> None:
    async def enqueue_another(context: TaskContext) -> None:
        probe.do = probe.hold
        async with context.database.transaction() as session:
            enqueuing(session, context.queue)(Probe(note="task"))

    probe.do = enqueue_another
    await perform(Job.of(Probe(note="first")), 1, resources)
    assert await notes(queue) == ["task"]


@pytest.mark.usefixtures("environment")
async def test_a_script_enqueues(probe: Probed, queue: Queue) -> None:
    async def end(_: TaskContext) -> None: ...

    probe.do = end
    with suppress(ZeroDivisionError):
        async with script() as (_, enqueue):
            enqueue(Probe(note="dropped"))
            raise ZeroDivisionError
    async with script() as (_, enqueue):
        enqueue(Probe(note="script"))
    # Without a worker, the script itself does it before it ends.
    assert await notes(queue) + [note for note, *_ in probe.seen] == ["script"]

"""Errors of jobs, from the processes that a worker runs them in."""

import pytest

from app.core.settings import Settings
from app.worker.payload import Job
from app.worker.prune import PruneExpired
from tests.core.observability.ingest import ingest
from tests.worker.at_work import eventually, own_queue, worker
from tests.worker.committing import committing


@pytest.mark.usefixtures("environment")
async def test_a_job_that_is_set_aside_is_reported_by_its_name(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(PruneExpired.task, {"newer": "swordfish"})
    with ingest() as taken:

        async def is_reported() -> bool:
            return bool(taken.events)

        monkeypatch.setenv("SENTRY_DSN", taken.dsn)
        async with (
            committing(settings) as database,
            own_queue(settings, database, monkeypatch) as queue,
        ):
            await queue.send(job)
            async with worker():
                await eventually(is_reported)
    tags = taken.events[0]["tags"]
    assert (tags["task"], tags["job_id"], tags["attempt"]) == (job.task, job.id, "1")
    assert "swordfish" not in str(taken.events)

"""The trace of a job, from the process of a worker that runs it."""

import asyncio
import signal
from dataclasses import replace

import pytest

from app.core import about
from app.core.ids import new_id
from app.core.settings import Settings
from app.worker.payload import Job
from app.worker.prune import PruneExpired
from tests.collector import collecting
from tests.worker.at_work import eventually, own_queue, worker
from tests.worker.committing import committing

MEASURED = {"task.duration", "task.wait", "queue.depth", "db.client.connection.count", "build.info"}


@pytest.mark.usefixtures("environment")
async def test_a_job_belongs_to_the_trace_of_who_sent_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace_id, sender = new_id().hex, "00f067aa0ba902b7"
    job = Job.of(PruneExpired())
    job = replace(job, origin={**job.origin, "traceparent": f"00-{trace_id}-{sender}-01"})
    with collecting() as collected:

        async def is_told() -> bool:
            return bool(collected.spans) and collected.names() >= MEASURED

        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collected.url)
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "300")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        async with (
            committing(settings) as database,
            own_queue(settings, database, monkeypatch) as queue,
        ):
            await queue.send(job)
            async with worker() as process:
                await eventually(is_told)
                process.send_signal(signal.SIGTERM)
                await asyncio.wait_for(process.wait(), 30)
    assert {span["trace_id"] for span in collected.spans} == {trace_id}
    (attempt,) = [span for span in collected.spans if span["kind"] == "CONSUMER"]
    assert (attempt["name"], attempt["parent_span_id"]) == (f"process {job.task}", sender)
    assert attempt["attributes"]["messaging.message.id"] == job.id
    assert attempt["resource"]["service.name"] == f"{about.NAME}-worker"
    deletes = [span for span in collected.spans if span["name"] == "DELETE"]
    assert deletes
    assert all(collected.parents(span) == [attempt["name"]] for span in deletes)

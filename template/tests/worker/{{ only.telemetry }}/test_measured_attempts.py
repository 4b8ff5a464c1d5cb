"""What an attempt at a job says of itself."""

import asyncio
from collections.abc import Generator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.worker.payload import Job
from app.worker.perform import perform
from app.worker.task import GiveUp, Resources, TaskContext
from app.worker.telemetry import attempts
from tests.worker.probe import Probe, Probed

SPANS = InMemorySpanExporter()


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Generator[InMemoryMetricReader]:
    """Have attempts measured and traced in this test alone."""
    provider, reader = TracerProvider(shutdown_on_exit=False), InMemoryMetricReader()
    provider.add_span_processor(SimpleSpanProcessor(SPANS))
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("tests")
    monkeypatch.setattr(attempts, "tracer", provider.get_tracer("tests"))
    for name in ("duration", "wait"):
        monkeypatch.setattr(attempts, name, meter.create_histogram(f"task.{name}", "s"))
    yield reader
    SPANS.clear()


def measured(reader: InMemoryMetricReader, name: str) -> list[dict[str, Any]]:
    data = reader.get_metrics_data()
    return [
        dict(point.attributes or {})
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
    ]


async def works(_: TaskContext) -> None: ...


async def fails(_: TaskContext) -> None:
    raise ConnectionError("swordfish")


async def gives_up(_: TaskContext) -> None:
    raise GiveUp("swordfish")


@pytest.mark.parametrize(
    ("do", "outcome"), [(works, "done"), (fails, "retried"), (gives_up, "set_aside")]
)
async def test_an_attempt_is_measured_by_its_outcome(
    probe: Probed, resources: Resources, reader: InMemoryMetricReader, do: Any, outcome: str
) -> None:
    probe.do = do
    await perform(Job.of(Probe()), 1, resources)
    (span,) = SPANS.get_finished_spans()
    assert span.name == "process tests.probe"
    assert (span.attributes or {})["task.outcome"] == outcome
    assert span.status.is_ok is (outcome == "done")
    assert "swordfish" not in span.to_json()
    told = {"task.name": "tests.probe", "task.outcome": outcome}
    assert measured(reader, "task.duration") == [told]
    assert measured(reader, "task.wait") == [{"task.name": "tests.probe"}]


async def test_only_the_first_attempt_has_waited(
    probe: Probed, resources: Resources, reader: InMemoryMetricReader
) -> None:
    probe.do = works
    await perform(Job.of(Probe()), 2, resources)
    assert measured(reader, "task.wait") == []


async def test_an_attempt_that_its_process_ends_is_given_back(
    probe: Probed, resources: Resources, reader: InMemoryMetricReader
) -> None:
    attempt = asyncio.create_task(perform(Job.of(Probe()), 1, resources))
    while not probe.seen:  # noqa: ASYNC110, it is about to begin
        await asyncio.sleep(0.01)
    attempt.cancel()
    await asyncio.wait({attempt})
    (found,) = measured(reader, "task.duration")
    assert found["task.outcome"] == "given_back"

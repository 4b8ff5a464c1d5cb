"""A span and two measurements for each attempt at a job."""

import time
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, StatusCode

from app.core import about
from app.worker.outcome import Again, SetAside
from app.worker.telemetry.origin import context_of
from app.worker.telemetry.waiting import SYSTEM, queue_name

if TYPE_CHECKING:
    from app.worker.payload import Job
    from app.worker.task import Resources

Outcome = Again | SetAside | None
Perform = Callable[["Job", int, "Resources"], Coroutine[Any, Any, Outcome]]

# Seconds, from what is done at once to the longest time limit.
BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900]

tracer = trace.get_tracer(about.NAME)
meter = metrics.get_meter(about.NAME)
duration = meter.create_histogram(
    "task.duration",
    "s",
    "Duration of an attempt at a job, by its outcome.",
    explicit_bucket_boundaries_advisory=BUCKETS,
)
wait = meter.create_histogram(
    "task.wait",
    "s",
    "Time from the sending of a job to its first attempt.",
    explicit_bucket_boundaries_advisory=BUCKETS,
)


def name_of(outcome: Outcome) -> str:
    match outcome:
        case Again():
            return "retried"
        case SetAside():
            return "set_aside"
        case None:
            return "done"


def measured(perform: Perform) -> Perform:
    """Have each attempt be a part of the trace that its job comes from."""

    @wraps(perform)
    async def attempt_measured(job: "Job", attempt: int, resources: "Resources") -> Outcome:
        sent_at = job.origin.get("sent_at")
        if attempt == 1 and sent_at is not None:
            # Clocks of two machines may differ.
            wait.record(max(0.0, time.time() - sent_at), {"task.name": job.task})
        begun, named = time.perf_counter(), "given_back"
        attributes: dict[str, str | int] = {
            "messaging.operation.type": "process",
            "messaging.system": SYSTEM,
            "messaging.destination.name": queue_name(resources.settings),
            "messaging.message.id": job.id,
            "task.name": job.task,
            "task.attempt": attempt,
        }
        with tracer.start_as_current_span(
            f"process {job.task}",
            context_of(job.origin),
            SpanKind.CONSUMER,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                outcome = await perform(job, attempt, resources)
                named = name_of(outcome)
            finally:
                span.set_attribute("task.outcome", named)
                if named != "done":
                    span.set_status(StatusCode.ERROR)
                told = {"task.name": job.task, "task.outcome": named}
                duration.record(time.perf_counter() - begun, told)
        return outcome

    return attempt_measured

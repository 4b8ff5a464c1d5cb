"""Where a job comes from: it travels along, so that its work belongs to the trace of the sender.

A message of another release may lack it, and then the work begins a trace of its own.
"""

import time
from typing import Any, TypedDict

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PROPAGATOR = TraceContextTextMapPropagator()


class Origin(TypedDict, total=False):
    """The headers of W3C Trace Context, and when the job was sent: seconds since the epoch."""

    traceparent: str
    tracestate: str
    sent_at: float


def origin_of_now() -> Origin:
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier)
    return origin_of({**carrier, "sent_at": time.time()})


def origin_of(received: Any) -> Origin:
    """Take what a message has of it. What has another form counts as missing."""
    known = received if isinstance(received, dict) else {}
    origin = Origin()
    if isinstance(traceparent := known.get("traceparent"), str):
        origin["traceparent"] = traceparent
    if isinstance(tracestate := known.get("tracestate"), str):
        origin["tracestate"] = tracestate
    if isinstance(sent_at := known.get("sent_at"), int | float):
        origin["sent_at"] = sent_at
    return origin


def context_of(origin: Origin) -> Context:
    """Give the context of who sent a job, and nothing of the process that runs it."""
    carrier = {name: str(value) for name, value in origin.items()}
    return PROPAGATOR.extract(carrier, Context())

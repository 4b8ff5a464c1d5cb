from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from app.worker.payload import Job
from app.worker.telemetry.origin import context_of
from tests.worker.probe import Probe


def test_a_job_carries_the_trace_of_its_sender_and_the_time() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("tests")
    with tracer.start_as_current_span("request") as span:
        sent = Job.of(Probe())
    received = Job.received(sent.task, sent.id, *sent.arguments)
    assert received == sent
    assert received.origin == sent.origin
    parent = trace.get_current_span(context_of(received.origin)).get_span_context()
    assert parent.trace_id == span.get_span_context().trace_id
    assert parent.span_id == span.get_span_context().span_id
    assert parent.is_remote


def test_what_another_release_sends_is_read_as_far_as_it_is_known() -> None:
    assert Job.received("tests.probe", "one", {}).origin == {}
    for origin in ("swordfish", 7, None, ["a"], {"a": 1}):
        assert Job.received("tests.probe", "one", {}, origin).origin == {}
    odd = {"traceparent": 7, "tracestate": None, "sent_at": "yesterday", "newer": 1}
    job = Job.received("tests.probe", "one", {}, odd, "newer still")
    assert job.origin == {}
    garbage = Job.received("tests.probe", "one", {}, {"traceparent": "garbage"})
    assert not trace.get_current_span(context_of(garbage.origin)).get_span_context().is_valid

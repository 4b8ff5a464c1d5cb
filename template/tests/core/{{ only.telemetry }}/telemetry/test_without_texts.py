from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.core.telemetry.collector import without_texts


def finished() -> ReadableSpan:
    """Give a span as libraries make them: with the exception that it ended with."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        with provider.get_tracer("tests").start_as_current_span(
            "call", attributes={"url.query": "token=swordfish", "http.route": "/orders"}
        ) as span:
            span.add_event("sent", {"bytes": 7})
            raise ValueError("swordfish")
    except ValueError:
        (made,) = exporter.get_finished_spans()
        return made


def test_a_span_leaves_without_paths_queries_and_texts_of_exceptions() -> None:
    made = finished()
    assert "swordfish" in made.to_json()
    sent = without_texts(made)
    assert "swordfish" not in sent.to_json()
    assert dict(sent.attributes or {}) == {"http.route": "/orders"}
    assert [event.name for event in sent.events] == ["sent"]
    assert sent.status.status_code is made.status.status_code
    assert (sent.context, sent.start_time, sent.end_time) == (
        made.context,
        made.start_time,
        made.end_time,
    )

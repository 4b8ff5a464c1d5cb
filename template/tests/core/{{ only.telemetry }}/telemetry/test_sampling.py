import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind

from app.core.settings.telemetry import TelemetrySettings
from app.core.telemetry.sampling import sampler_of


def kept(monkeypatch: pytest.MonkeyPatch, sampler: str, share: str) -> int:
    """Give how many of 1000 requests are traced."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", share)
    tracer = TracerProvider(sampler_of(TelemetrySettings())).get_tracer("tests")
    spans = [tracer.start_span("request", kind=SpanKind.SERVER) for _ in range(1000)]
    return sum(span.is_recording() for span in spans)


def test_the_share_that_was_asked_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(monkeypatch, "always_on", "0") == kept(monkeypatch, "parentbased_always_on", "0")
    assert kept(monkeypatch, "always_on", "0") == 1000
    assert kept(monkeypatch, "always_off", "1") == kept(monkeypatch, "traceidratio", "0") == 0
    assert 20 < kept(monkeypatch, "parentbased_traceidratio", "0.1") < 250


def test_calls_of_others_that_belong_to_nothing_are_not_traced() -> None:
    tracer = TracerProvider(sampler_of(TelemetrySettings())).get_tracer("tests")
    assert not tracer.start_span("poll", kind=SpanKind.CLIENT).is_recording()
    with tracer.start_as_current_span("request", kind=SpanKind.SERVER):
        assert tracer.start_span("query", kind=SpanKind.CLIENT).is_recording()

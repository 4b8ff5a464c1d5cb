import pytest

from app.core.settings.base import SettingsError, load
from app.core.settings.telemetry import TelemetrySettings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "htp://collector:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector:port"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a key"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "http://localhost"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "http"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "70000"),
        ("OTEL_TRACES_EXPORTER", "jaeger"),
        ("OTEL_METRICS_EXPORTER", "promethus"),
        ("OTEL_METRICS_EXPORTER", "otlp,none"),
        ("OTEL_LOGS_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "10"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team"),
        ("OTEL_SDK_DISABLED", "perhaps"),
    ],
)
def test_a_typo_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=rf"^The settings .*:\n  {variable} \S"):
        load(TelemetrySettings)


@pytest.mark.parametrize(
    ("variables", "ways"),
    [
        ({}, (False, False, False)),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://u:p@c.example.com/otlp"}, (True, True, False)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://[::1]:4318/x"}, (True, False, False)),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4318"}, (False, True, False)),
        ({"OTEL_METRICS_EXPORTER": "prometheus"}, (False, False, True)),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_METRICS_EXPORTER": "none"},
            (True, False, False),
        ),
    ],
)
def test_only_what_has_a_way_is_sent(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], ways: tuple[bool, bool, bool]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings = load(TelemetrySettings)
    assert (settings.sends_traces, settings.sends_metrics, settings.serves_metrics) == ways
    assert settings.sends_telemetry == any(ways)
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not load(TelemetrySettings).sends_telemetry


def test_the_sdk_is_given_what_stands_in_files_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b, y=z")
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "otlp, prometheus")
    assert dict(load(TelemetrySettings).otel_variables()) == {
        "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, y=z",
        "OTEL_METRICS_EXPORTER": "otlp,prometheus",
    }

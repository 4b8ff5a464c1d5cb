"""What OpenTelemetry's API hands traces, metrics and lines to, made of the settings."""

import os
import platform
from importlib.metadata import version

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from app.core import about
from app.core.settings import Settings
from app.core.telemetry.collector import Lines, Metrics, Spans, collector
from app.core.telemetry.prometheus import prometheus_reader
from app.core.telemetry.sampling import sampler_of

started: list[TracerProvider | MeterProvider | LoggerProvider] = []


def set_providers(settings: Settings, name: str) -> None:
    """Have spans, measurements and lines of this process sent from now on."""
    # The SDK reads the environment; a setting may stand in a file as well.
    for variable, value in settings.otel_variables():
        os.environ.setdefault(variable, value)
    resource = resource_of(settings, name)
    collector.listen()
    if settings.sends_traces:
        spans = TracerProvider(sampler_of(settings), resource, shutdown_on_exit=False)
        spans.add_span_processor(BatchSpanProcessor(Spans()))
        trace.set_tracer_provider(spans)
        started.append(spans)
    if settings.sends_logs:
        lines = LoggerProvider(resource, shutdown_on_exit=False)
        lines.add_log_record_processor(BatchLogRecordProcessor(Lines()))
        set_logger_provider(lines)
        started.append(lines)
    if readers := metric_readers(settings):
        measurements = MeterProvider(readers, resource, shutdown_on_exit=False)
        metrics.set_meter_provider(measurements)
        started.append(measurements)
        metrics.get_meter(about.NAME).create_observable_gauge(
            "build.info", [build_info], description="What is running; always 1."
        )


def resource_of(settings: Settings, name: str) -> Resource:
    """Say what sends. What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes first."""
    ours = Resource(
        {
            "service.name": name,
            "service.version": version(about.NAME),
            "deployment.environment.name": settings.environment.value,
        }
    )
    said = Resource.create()
    unnamed = str(said.attributes["service.name"]).startswith("unknown_service")
    return said.merge(ours) if unnamed else ours.merge(said)


def metric_readers(settings: Settings) -> list[MetricReader]:
    readers: list[MetricReader] = []
    if settings.sends_metrics:
        readers.append(PeriodicExportingMetricReader(Metrics()))
    if settings.serves_metrics:
        readers += prometheus_reader(
            settings.otel_exporter_prometheus_host, settings.otel_exporter_prometheus_port
        )
    return readers


def build_info(_: CallbackOptions) -> list[Observation]:
    versions = {
        "service.version": version(about.NAME),
        "python.version": platform.python_version(),
        "fastapi.version": version("fastapi"),
    }
    return [Observation(1, versions)]

"""Sending to the collector. What it does not take is dropped, and the log says so once."""

import logging
from collections.abc import Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExportResult
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.trace import Status

logger = logging.getLogger(__name__)

EXPORTERS = "opentelemetry.exporter"
# What FastAPI and clients add and no log has: a path and a query may hold what nobody should read.
HIDDEN = {"url.path", "url.query", "url.full"}


class Collector(logging.Handler):
    """Takes the lines of the exporters, one or more for each batch, and makes one of them all."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.reason = ""
        self.is_failing = False

    def listen(self) -> None:
        exporters = logging.getLogger(EXPORTERS)
        exporters.handlers, exporters.propagate = [self], False
        # It tells of each batch that was full, which is so for as long as none is taken.
        logging.getLogger("opentelemetry.sdk._shared_internal").setLevel(logging.CRITICAL)

    def emit(self, record: logging.LogRecord) -> None:
        self.reason = self.reason or record.getMessage()

    def heard(self, *, took: bool) -> None:
        """Say that it does not take what is sent, or does again, where that is new."""
        if took and self.is_failing:
            logger.info("The collector takes telemetry again")
        elif not took and not self.is_failing:
            logger.warning("The collector takes no telemetry, it is dropped: %s", self.reason)
        self.is_failing = not took
        if took:
            self.reason = ""


collector = Collector()


class Spans(OTLPSpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export([without_texts(span) for span in spans])
        collector.heard(took=result is SpanExportResult.SUCCESS)
        return result


class Metrics(OTLPMetricExporter):
    def export(self, *arguments: Any, **options: Any) -> MetricExportResult:
        result = super().export(*arguments, **options)
        collector.heard(took=result is MetricExportResult.SUCCESS)
        return result


class Lines(OTLPLogExporter):
    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = super().export(batch)
        collector.heard(took=result is LogRecordExportResult.SUCCESS)
        return result


def without_texts(span: ReadableSpan) -> ReadableSpan:
    """Leave out what may have secrets or somebody's data: paths, queries, texts of exceptions.

    An exception's text may be the row that a database refused. The log has it, without that.
    """
    attributes = dict(span.attributes or {})
    if not (span.events or span.status.description or HIDDEN & attributes.keys()):
        return span
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in attributes.items() if name not in HIDDEN},
        events=[event for event in span.events if event.name != "exception"],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )

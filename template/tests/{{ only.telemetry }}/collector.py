"""A collector as far as a service sees it: it takes OTLP over HTTP, and keeps what came.

`python -m tests.collector FILE [hang]` prints its port, and writes a line of JSON for each span and
each metric; with `hang` it takes connections and never answers.
"""

import gzip
import json
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Record = dict[str, Any]


@dataclass
class Collected:
    """What came: spans, metrics and records, each with the attributes of its `resource`."""

    spans: list[Record] = field(default_factory=list)
    metrics: list[Record] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, path: str, body: bytes) -> None:
        if path == "/v1/traces":
            for sender in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in sender.scope_spans:
                    self.spans += [span_of(span, sender.resource) for span in scope.spans]
        elif path == "/v1/logs":
            for sender in ExportLogsServiceRequest.FromString(body).resource_logs:
                for scope in sender.scope_logs:
                    self.records += [record_of(each, sender.resource) for each in scope.log_records]
        else:
            for sender in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in sender.scope_metrics:
                    self.metrics += [metric_of(each, sender.resource) for each in scope.metrics]

    def parents(self, span: Record) -> list[str]:
        """Name what a span is in, from the nearest outwards."""
        by_id = {each["span_id"]: each for each in self.spans}
        found = []
        while span := by_id.get(span["parent_span_id"], {}):
            found.append(span["name"])
        return found

    def names(self) -> set[str]:
        return {metric["name"] for metric in self.metrics}


def span_of(span: Any, sender: Any) -> Record:
    return {
        "name": span.name,
        "kind": Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        **{name: getattr(span, name).hex() for name in ("trace_id", "span_id", "parent_span_id")},
        "attributes": named(span),
        "resource": named(sender),
        "all": str(span),
    }


def metric_of(metric: Any, sender: Any) -> Record:
    return {"name": metric.name, "resource": named(sender), "all": str(metric)}


def record_of(record: Any, sender: Any) -> Record:
    return {
        "body": record.body.string_value,
        "severity": record.severity_text,
        "trace_id": record.trace_id.hex(),
        "attributes": named(record),
        "resource": named(sender),
    }


def named(thing: Any) -> Record:
    """Give attributes as a mapping; each value names its type."""
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in thing.attributes
    }


@contextmanager
def collecting() -> Generator[Collected]:
    """Listen on a free port; it answers for as long as `answers` is set."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collected.answers.wait()
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collected.take(self.path, body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing: a test looks at what came."""

    collected = Collected()
    collected.answers.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collected.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield collected
    finally:
        collected.answers.set()
        server.shutdown()
        thread.join()
        server.server_close()


def main(file: str, mode: str = "answer") -> None:
    with collecting() as collected, Path(file).open("w") as output:
        if mode == "hang":
            collected.answers.clear()
        print(collected.port, flush=True)  # noqa: T201, it is how it is asked
        written = [0, 0]
        while True:
            threading.Event().wait(0.1)
            for place, kept in enumerate((collected.spans, collected.metrics)):
                for record in kept[written[place] :]:
                    output.write(json.dumps(record) + "\n")
                    written[place] += 1
            output.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

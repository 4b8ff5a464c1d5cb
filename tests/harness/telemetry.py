"""What a service sends to the collector of its own tests, which runs beside it as a program."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tests.harness.process import serving

Record = dict[str, Any]
Found = TypeVar("Found")

# What dashboards draw, as OTLP names it.
OF_SERVERS = {
    *("http.server.request.duration", "http.server.active_requests", "db.client.connection.count"),
    *("db.client.connection.max", "db.client.connection.pending_requests", "queue.depth"),
    "build.info",
}
OF_WORKERS = {"task.duration", "task.wait", "queue.depth", "db.client.connection.count"}


class Installed(Protocol):
    """A service with its environment."""

    @property
    def path(self) -> Path: ...

    @property
    def env(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Collector:
    """The port that it listens on, and the file that it writes to."""

    port: int
    file: Path

    def records(self) -> list[Record]:
        """Give what came so far; a line that is being written is for the next time."""
        text = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def spans(self, trace_id: str) -> dict[str, Record]:
        """Give the spans of a trace by their ids."""
        records = self.records()
        return {each["span_id"]: each for each in records if each.get("trace_id") == trace_id}

    def measured(self, name: str) -> set[str]:
        """Name what a service has measured."""
        return {
            record["name"]
            for record in self.records()
            if "span_id" not in record and record["resource"]["service.name"] == name
        }


@contextmanager
def collector(service: Installed, *, hangs: bool = False) -> Iterator[Collector]:
    """Run the collector that the service tests itself with; have it answer, or hang."""
    folder = service.path.parent
    file, log = folder / "collected.jsonl", folder / "collector.log"
    command = ["uv", "run", "python", "-m", "tests.collector", str(file)]
    command += ["hang"] * hangs
    with serving(command, cwd=service.path, env=service.env, log=log) as process:
        found = eventually(lambda: re.search(r"^\d+$", process.output(), re.MULTILINE))
        yield Collector(int(found[0]), file)


def sending(port: int) -> dict[str, str]:
    """Give what a service is told to send soon, and not to wait for long."""
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "OTEL_METRIC_EXPORT_INTERVAL": "500",
    }


def ancestors(span: Record, spans: dict[str, Record]) -> list[str]:
    """Name what a span is in, from the nearest outwards."""
    found = []
    while span := spans.get(span["parent_span_id"], {}):
        found.append(span["name"])
    return found


def eventually(look: Callable[[], Found | None], seconds: float = 30) -> Found:
    """Give what is looked for as soon as it is there."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
    return found

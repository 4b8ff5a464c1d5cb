"""The list with a tenth of its traces kept, against the same service without telemetry."""

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.endpoint import HOW_OFTEN, compare
from benchmarks.list_of_items import SHOWN, fill
from benchmarks.ratio import Comparison
from benchmarks.subject import ANSWERS, Running, subject
from tests.harness.telemetry import collector

SHARE = 0.75
SAMPLED = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"}
SENTENCE = (
    "The list of 20 rows of a service with `telemetry`, that keeps a tenth of its traces, measures "
    "requests and connections, and sends both to a collector beside it; against the same service "
    "where no variable names a collector. Processor time is that of the service alone."
)


def measure() -> Comparison:
    """Compare two servers of the same service."""
    with (
        tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder,
        subject(Path(folder), {**ANSWERS, "telemetry": True}) as found,
        collector(found) as collecting,
    ):
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collecting.port}"}
        tracing = replace(found, env={**found.env, **endpoint, **SAMPLED})
        with tracing.serving("traced") as (on, traced), found.serving("plain") as (off, server):
            plain = fill(Running(found, off, server.process.pid, access_log=True))
            path = f"/api/v1/items?limit={SHOWN}"
            kept = replace(plain, url=f"{on}{path}", session=traced.process.pid)
            figures = compare(kept, plain, SHARE)
        names = {record["name"] for record in collecting.records()}
        assert {"GET /api/v1/items", "SELECT"} <= names, "what was measured has traced"
    return Comparison("Telemetry", f"{SENTENCE} {HOW_OFTEN}", figures)

"""A service with telemetry that is under load, and what it emits: taken from its own endpoints."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.harness import parity
from tests.harness.bench import Bench, add_probe, bench, eventually
from tests.harness.observed import Labels
from tests.harness.service import Service
from tests.harness.variants import Variant, render

ENDPOINT = re.compile(r"Metrics for Prometheus: (http://\S+)/metrics")
# Metrics about the metrics, which Prometheus makes of what sends them.
ABOUT = {"target_info", "target"}


class Emitting:
    """A service whose processes can be asked for what they measured."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def endpoints(self) -> list[str]:
        logs = [path.read_text(errors="replace") for path in self.bench.logs if path.exists()]
        return [address for text in logs for address in ENDPOINT.findall(text)]

    def emitted(self) -> Labels:
        """Give each series of each process, with the labels that it has."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for endpoint in self.endpoints():
            text = httpx2.get(f"{endpoint}/metrics").text
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    if family.name not in ABOUT:
                        found[sample.name] |= sample.labels.keys()
        return found

    def load(self) -> None:
        """Have it answer well and badly, and have jobs done, tried again and set aside."""
        root = self.bench.address.removesuffix("/api/v1/probe")
        assert httpx2.get(f"{root}/no-such").status_code == 404
        self.bench.enqueue(("probe.plain", {"mark": "observed"}))
        self.bench.enqueue(("probe.failing", {"mark": "observed"}))
        assert self.bench.post("jobs", [("no.such", {})]).status_code == 500
        self.bench.noted("observed", count=1 + 1)
        outcomes = {"done", "retried", "set_aside"}
        eventually(lambda: outcomes <= self.outcomes(), "jobs with every outcome")

    def outcomes(self) -> set[str]:
        texts = [httpx2.get(f"{endpoint}/metrics").text for endpoint in self.endpoints()]
        return set(re.findall(r'task_outcome="(\w+)"', "".join(texts)))


@contextmanager
def emitting(variant: Variant, template: Path, home: Path) -> Iterator[Emitting]:
    """Run a service of a variant, with its worker if it has one, and put it under load."""
    answers = parity.answers_for(variant) | {"telemetry": True}
    path = render(answers, home / "service", template)
    add_probe(path)
    database = home / "data/empty.db"
    database.parent.mkdir()
    installer = Service(path, f"sqlite+aiosqlite:///{database}")
    installer.env |= {"UV_NO_DEV": "1", "BROKER_URL": "redis://127.0.0.1:1"}
    installer.run("uv", "sync", "--quiet")
    installer.run("uv", "run", "app", "db", "upgrade")
    with bench(variant, path, database, "observed") as observed:
        observed.env |= {"OTEL_METRICS_EXPORTER": "prometheus"}
        with observed.at_work():
            emitting = Emitting(observed)
            emitting.load()
            yield emitting

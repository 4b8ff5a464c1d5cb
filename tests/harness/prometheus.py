"""What a service has for Prometheus, taken by the Prometheus of this machine or of `tools`.

Debian's is 2.42, older than the image that a service names, which takes metrics over OTLP. It asks
for them instead, at the service's own endpoint; what it does not know is `NEWER`.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.harness.paths import CACHE
from tests.harness.process import Server, environment, program, said, serving
from tests.harness.servers.private import free_port

PROGRAMS = ("prometheus", "promtool")
WITHOUT_PROMETHEUS = (
    "Not run: Prometheus on the rules and the dashboards of a service. To run it, install it "
    "(apt-get install prometheus); `make proof` needs it."
)
# Sections of its configuration that an older one refuses.
NEWER = {"otlp"}  # since 2.47


def path() -> str:
    """Give where programs are: those that `tools/debian` fetched stand below the cache."""
    return os.pathsep.join([os.environ["PATH"], str(CACHE / "bin")])


def absent() -> set[str]:
    """Name what tests miss here."""
    missing = any(shutil.which(name, path=path()) is None for name in PROGRAMS)
    return {"prometheus"} if missing else set()


def refused_rules(file: Path) -> str:
    """Ask promtool about a file of rules; empty: all is well."""
    command = [program("promtool", path()), "check", "rules", "--lint=all", "--lint-fatal"]
    return said([*command, str(file)], file.parent)


def adapted(observe: Path, folder: Path, targets: Mapping[str, list[str]]) -> Path:
    """Write the configuration of a service for this machine: what is asked for metrics, by job.

    Raises:
        LookupError: where it has no section that has to be left out.
    """
    told = yaml.safe_load((observe / "prometheus.yaml").read_text(encoding="utf-8"))
    if missing := NEWER - told.keys():
        raise LookupError(f"prometheus.yaml has no section {', '.join(missing)}")
    told = {name: section for name, section in told.items() if name not in NEWER}
    told["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    told["rule_files"] = [str(observe / "rules/*.yaml")]
    told["scrape_configs"] = [
        {"job_name": job, "static_configs": [{"targets": asked}]} for job, asked in targets.items()
    ]
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(told), encoding="utf-8")
    return file


class Prometheus:
    """A Prometheus that runs, asked over HTTP."""

    def __init__(self, address: str, server: Server) -> None:
        self.address = address
        self.server = server

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/-/ready").status_code == 200
        except httpx2.TransportError:
            assert self.server.process.poll() is None, self.server.output()
            return False

    def ask(self, what: str, **parameters: str) -> Any:
        """Ask its API.

        Raises:
            AssertionError: with its reason, where it refuses.
        """
        answer = httpx2.get(f"{self.address}/api/v1/{what}", params=parameters).json()
        assert answer["status"] == "success", json.dumps(answer)
        return answer["data"]

    def values(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Give what a query finds now: the labels and the value of each series."""
        found = self.ask("query", query=query)["result"]
        return [(each["metric"], float(each["value"][1])) for each in found]


@contextmanager
def watching(config: Path) -> Iterator[Prometheus]:
    """Run Prometheus on an adapted configuration."""
    port = free_port()
    command = [program("prometheus", path()), f"--config.file={config}"]
    command += [f"--storage.tsdb.path={config.parent / 'series'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"]
    log = config.with_name("prometheus.log")
    with serving(command, cwd=config.parent, env=environment({}), log=log) as server:
        yield Prometheus(f"http://127.0.0.1:{port}", server)

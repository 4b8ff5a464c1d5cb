"""Measures a generated service against hand-written floors: `make bench`, about eight minutes.

It prints the figures and writes docs/reference/performance.md. A ratio that misses its goal is
reported, and fails nothing: on a shared machine no time is a test.
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

# So that `benchmarks` and `tests` are found from here as from `python -m benchmarks.run`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx2

from benchmarks import health, import_time, list_of_items, pages, report, status, update
from benchmarks.endpoint import Endpoint
from benchmarks.ratio import Comparison
from benchmarks.subject import Subject, subject
from tests.harness.paths import ROOT
from tests.harness.process import Server


def writes_access_log(address: str, server: Server) -> bool:
    """Ask once, and see whether the service's output grows: the floors then log alike."""
    before = len(server.output())
    httpx2.get(f"{address}/health/live").raise_for_status()
    time.sleep(0.3)
    return len(server.output()) > before


def measure(found: Subject) -> tuple[list[Comparison], bool]:
    """Make every comparison; say also whether requests were logged."""
    print("import time …", flush=True)
    comparisons = [import_time.measure(found.python, found.path, found.env)]
    with found.serving() as (address, server):
        access_log = writes_access_log(address, server)
        print("list of 20 rows …", flush=True)
        header = list_of_items.fill(found, address)
        path = f"/api/v1/items?limit={list_of_items.SHOWN}"
        listed = Endpoint(f"{address}{path}", server.process.pid, [header])
        comparisons.append(list_of_items.measure(found, listed, access_log=access_log))
        print("health …", flush=True)
        live = Endpoint(f"{address}{health.PATH}", server.process.pid)
        comparisons.append(health.measure(found, live, access_log=access_log))
        print("pages …", flush=True)
        comparisons += pages.measure(found, address, server.process.pid)
    return comparisons, access_log


def main() -> None:
    # What stops the servers stands in `finally`: let SIGTERM get there, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        print("rendering and installing a service …", flush=True)
        with subject(Path(folder)) as found:
            comparisons, access_log = measure(found)
            versions = found.versions()
    print("update …", flush=True)
    comparisons.append(update.measure())
    print("status …", flush=True)
    comparisons.append(status.measure())
    report.print_table(comparisons)
    report.write_page(comparisons, versions, access_log=access_log)
    print(f"written: {report.PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

"""Measures a generated service against hand-written floors: `make bench`, about eleven minutes.

It prints the figures and writes docs/reference/performance.md; with `--only list` it makes that one
comparison and writes nothing. A ratio that misses its goal is reported, and fails nothing: on a
shared machine no time is a test.
"""

import os
import signal
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Collection
from pathlib import Path

# So that `benchmarks` and `tests` are found from here as from `python -m benchmarks.run`.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import (
    copying,
    creation,
    health,
    import_time,
    layers,
    list_of_items,
    load,
    log_in_rate,
    memory,
    pages,
    profile,
    report,
    status,
    traced,
    update,
)
from benchmarks.ratio import Comparison
from benchmarks.subject import Running, Subject, running, subject
from tests.harness.paths import ROOT

OF_A_SERVICE: dict[str, Callable[[Subject], Comparison]] = {
    "import": import_time.measure,
    "memory": memory.measure,
}
# In this order: the list's rows have to be the newest, and pages leave a million of them.
OF_A_SERVER: dict[str, Callable[[Running], Comparison | list[Comparison]]] = {
    "list": list_of_items.measure,
    "create": creation.measure,
    "health": health.measure,
    "layers": layers.measure,
    "log-in": log_in_rate.measure,
    "pages": pages.measure,
}
PROFILE = "profile"
BY_THEMSELVES: dict[str, Callable[[], Comparison]] = {
    "telemetry": traced.measure,
    "copy": copying.measure,
    "update": update.measure,
    "status": status.measure,
}
ALL = [*OF_A_SERVICE, PROFILE, *OF_A_SERVER, *BY_THEMSELVES]


def of_a_service(found: Subject, names: Collection[str], page: report.Page) -> None:
    """Make what is asked for of the comparisons that need the default service."""
    for name, of_service in OF_A_SERVICE.items():
        if name in names:
            say(name)
            page.add(of_service(found))
    if not {PROFILE, *OF_A_SERVER} & set(names):
        return
    with running(found) as served:
        page.access_log = served.access_log
        if PROFILE in names:
            say(PROFILE)
            page.profile = profile.measure(served)
            page.show_profile()
        for name, of_server in OF_A_SERVER.items():
            if name in names:
                say(name)
                made = of_server(served)
                page.add(*(made if isinstance(made, list) else [made]))


def say(name: str) -> None:
    print(f"{name} …", flush=True)


def asked() -> list[str]:
    parser = ArgumentParser(prog="make bench", description="Ratios to hand-written floors.")
    parser.add_argument("--only", action="append", choices=ALL, help="one comparison, by its name")
    names: list[str] = parser.parse_args().only or ALL
    if not load.is_there():
        parser.error("wrk is missing: `make bench` fetches it from Debian; else install it.")
    return names


def main() -> None:
    names = asked()
    # What stops the servers stands in `finally`: let SIGTERM get there, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    page = report.Page()
    if {*OF_A_SERVICE, PROFILE, *OF_A_SERVER} & set(names):
        with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
            say("rendering and installing a service")
            with subject(Path(folder)) as found:
                of_a_service(found, names, page)
                page.versions = found.versions()
    for name, measure in BY_THEMSELVES.items():
        if name in names:
            say(name)
            page.add(measure())
    if names == ALL:
        page.write()
        print(f"written: {report.PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

"""An update of a service that nobody touched, against one `copier copy` of the same template."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from copier import run_copy, run_update

from benchmarks.ratio import Comparison, Goal
from benchmarks.took import both_times, timed
from drydock import display
from drydock.update.command import Options, update
from tests.harness.releases import first_release, generate, git, release

ROUNDS = 7
GOAL = Goal(3.5)
SENTENCE = (
    "`drydock update --dry-run --no-checks` of an untouched default service to a release that "
    "changed one file, against one `copier copy` of the newer release: both fetch the template "
    "from a repository on this machine and render in a process that has done it before. Two "
    "versions are rendered, merged and shown; what the checks take depends on the service, and "
    "the command reports it apart."
)


def measure() -> Comparison:
    """Take rounds of all three in turn."""
    how: dict[str, Any] = {"defaults": True, "overwrite": True, "quiet": True, "unsafe": True}
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        place = Path(folder)
        template, service = releases(place)
        ways: list[Callable[[], object]] = [
            lambda: update(service, Options(dry_run=True, checks=False)),
            lambda: run_copy(str(template), place / "copy", **how),
            lambda: run_update(service, **how),
        ]
        display.out.quiet = display.err.quiet = True
        rounds = []
        for _ in range(ROUNDS + 1):
            rounds.append([timed(way) for way in ways])
            git(service, "reset", "--quiet", "--hard")
        display.out.quiet = display.err.quiet = False
    ours, copies, plain = zip(*rounds[1:], strict=True)  # the first round warms caches
    return Comparison(
        "An update",
        f"{SENTENCE} {ROUNDS} rounds.",
        [
            *both_times(ours, copies, GOAL),
            *both_times(ours, plain, None, "`copier update`")[:1],
        ],
    )


def releases(place: Path) -> tuple[Path, Path]:
    """Make a template with two releases, and a service of the first."""
    template = first_release(place / "template")
    service = generate(template, place / "service", {})
    changed = template / "template/app/main.py.jinja"
    changed.write_text(f"{changed.read_text('utf-8')}\n# A change.\n", encoding="utf-8")
    release(template, "0.2.0")
    return template, service

"""`copier copy` of the default service, against that of a template with one file."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.ratio import Comparison, Goal
from benchmarks.took import both_times, copy, timed
from tests.harness.releases import first_release, release, repository

ROUNDS = 7
GOAL = Goal(1.5)
SENTENCE = (
    "`copier copy` of the default service, against `copier copy` of a template that has one "
    "question and one file: each a process of its own that begins cold, and clones a repository "
    "on this machine."
)
QUESTION = "_subdirectory: template\nname:\n  type: str\n  default: harbour\n"


def measure() -> Comparison:
    """Take rounds of both in turn, each into a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        place = Path(folder)
        ours, theirs = str(first_release(place / "ours")), str(one_file(place / "theirs"))

        def ways(number: int) -> list[Callable[[], object]]:
            return [
                lambda: copy(ours, str(place / f"service-{number}")),
                lambda: copy(theirs, str(place / f"floor-{number}")),
            ]

        rounds = [[timed(way) for way in ways(number)] for number in range(ROUNDS + 1)]
    services, floors = zip(*rounds[1:], strict=True)  # the first round writes bytecode
    return Comparison(
        "Copying the default service",
        f"{SENTENCE} {ROUNDS} rounds.",
        both_times(services, floors, GOAL),
    )


def one_file(place: Path) -> Path:
    """Make the least of a template with a release."""
    template = repository(place)
    (template / "template").mkdir()
    (template / "copier.yml").write_text(QUESTION, encoding="utf-8")
    (template / "template/README.md.jinja").write_text("# {{ name }}\n", encoding="utf-8")
    release(template, "0.1.0")
    return template

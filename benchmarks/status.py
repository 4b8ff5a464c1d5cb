"""`drydock status` of 100 services, against one `copier copy`: `python -m benchmarks.status`.

The services have names of their own, the answers of a covering array, the releases so far in turn,
and the edits of an owner in every third.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copier import run_copy

from benchmarks.ratio import Comparison, Goal
from benchmarks.took import both_times, copy, run, timed
from drydock.status.spreading import spread
from tests.harness.releases import all_releases, commit, repository, tags
from tests.harness.variants import array

SERVICES = 100
ROUNDS = 5
GOAL = Goal(12)
SENTENCE = (
    f"`drydock status --json` of {SERVICES} services, against one `copier copy` of the same "
    "template: each a process of its own that begins cold, with the template in a repository on "
    "this machine. Every service is rendered, at its version, and compared with its work tree."
)


@dataclass(frozen=True)
class Made:
    """A service to make."""

    folder: Path
    template: Path
    release: str
    answers: dict[str, Any]
    edited: bool


def measure(services: int = SERVICES) -> Comparison:
    """Take rounds of both in turn."""
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        place = Path(folder)
        template = all_releases(place / "template")
        fleet(template, place / "services", services)
        ways: list[Callable[[], object]] = [
            lambda: run("drydock", "status", "--json", str(place / "services")),
            lambda: copy(str(template), str(place / "copy")),
        ]
        rounds = [[timed(way) for way in ways] for _ in range(ROUNDS + 1)]
    ours, copies = zip(*rounds[1:], strict=True)  # the first round writes bytecode
    return Comparison(
        f"The status of {services} services",
        f"{SENTENCE} {ROUNDS} rounds.",
        both_times(ours, copies, GOAL),
    )


def fleet(template: Path, place: Path, services: int) -> None:
    """Make services of a template's releases in turn."""
    releases, variants = tags(template), array(2)
    wanted = [
        Made(
            place / f"service-{number:03}",
            template,
            releases[number % len(releases)],
            variants[number % len(variants)].data(),
            edited=number % 3 == 0,
        )
        for number in range(services)
    ]
    with spread(make, wanted) as made:
        list(made)


def make(wanted: Made) -> None:
    """Make a service as its owner has it."""
    identity = {"project_name", "project_slug", "description", "author_name", "author_email"}
    run_copy(
        str(wanted.template),
        wanted.folder,
        data={name: value for name, value in wanted.answers.items() if name not in identity},
        vcs_ref=wanted.release,
        defaults=True,
        quiet=True,
        unsafe=True,
    )
    if wanted.edited:
        with (wanted.folder / "app/main.py").open("a", encoding="utf-8") as file:
            file.write("\n# The owner's.\n")
        (wanted.folder / "app/asgi.py").unlink()
    commit(repository(wanted.folder), "As its owner has it")


if __name__ == "__main__":
    from benchmarks.report import show

    show([measure()])

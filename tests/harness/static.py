"""All that can be said of a rendered service without starting it, in one list."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.harness import claims, dependencies, env_example, lint, places, trees, words
from tests.harness.environments import environment_for
from tests.harness.variants import Variant


def textual_checks(variant: Variant, tree: Path) -> dict[str, Callable[[], Iterable[str]]]:
    """Name the checks that only read: they need no environment, and run on every system."""
    return {
        "parse": lambda: trees.unparsable(tree),
        "files": lambda: trees.badly_made(tree),
        "traces": lambda: trees.traces(tree),
        "places": lambda: places.faults(tree),
        "claims": lambda: claims.faults(tree),
        "words": lambda: words.faults(variant, tree),
    }


def faults(variant: Variant, tree: Path, taken: dict[str, float] | None = None) -> list[str]:
    """Give what is wrong with a tree, a line each: `check: file: what`; on Windows, what reads.

    `taken` receives the seconds of processor time of each check: others may use the machine too.

    Raises:
        CommandError: where a check could not be made.
    """
    taken = {} if taken is None else taken
    if os.name == "nt":
        return faults_to_read(variant, tree)
    begin = spent()
    place = environment_for(tree)
    taken["environment"] = spent() - begin
    checks: dict[str, Callable[[], Iterable[str]]] = {
        **textual_checks(variant, tree),
        "settings": lambda: env_example.faults(tree, place),
        "dependencies": lambda: dependencies.faults(tree, place),
    }
    found = []
    for check, find in checks.items():
        begin = spent()
        found += [f"{check}: {fault}" for fault in find()]
        taken[check] = spent() - begin
    for command in lint.commands(tree):
        begin = spent()
        found += lint.faults(command, tree, place)
        taken[lint.name_of(command)] = spent() - begin
    return found


def faults_to_read(variant: Variant, tree: Path) -> list[str]:
    """Give what the checks find that only read, as `faults` does."""
    checks = textual_checks(variant, tree)
    return [f"{check}: {fault}" for check, find in checks.items() for fault in find()]


def spent() -> float:
    """Give the processor time of this process, and of the commands that it ran."""
    return sum(os.times()[:4])

"""All that can be said of a rendered service without starting it, in one list."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.harness import dependencies, env_example, lint, trees, words
from tests.harness.environments import environment_for
from tests.harness.variants import Variant


def faults(variant: Variant, tree: Path, taken: dict[str, float] | None = None) -> list[str]:
    """Give what is wrong with a tree, a line each: `check: file: what`.

    `taken` receives the seconds of each check.

    Raises:
        CommandError: where a check could not be made.
    """
    taken = {} if taken is None else taken
    begin = time.monotonic()
    place = environment_for(tree)
    taken["environment"] = time.monotonic() - begin
    checks: dict[str, Callable[[], Iterable[str]]] = {
        "parse": lambda: trees.unparsable(tree),
        "files": lambda: trees.badly_made(tree),
        "traces": lambda: trees.traces(tree),
        "words": lambda: words.faults(variant, tree),
        "settings": lambda: env_example.faults(tree, place),
        "dependencies": lambda: dependencies.faults(tree, place),
    }
    found = []
    for check, find in checks.items():
        begin = time.monotonic()
        found += [f"{check}: {fault}" for fault in find()]
        taken[check] = time.monotonic() - begin
    for command in lint.commands(tree):
        begin = time.monotonic()
        found += lint.faults(command, tree, place)
        taken[lint.name_of(command)] = time.monotonic() - begin
    return found

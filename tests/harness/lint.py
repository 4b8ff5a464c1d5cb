"""A service's own `make lint`, tool by tool: its Makefile says which, its pyproject.toml how."""

import os
import re
import secrets
import shlex
from pathlib import Path

from tests.harness.paths import mypy_cache
from tests.harness.process import attempt, environment

RECIPE = re.compile(r"^lint:.*\n((?:\t.*\n)+)", re.MULTILINE)
PREFIX = "uv run --no-sync "
# What keeps a tool from leaving anything in the tree.
WITHOUT_TRACE = {
    # It keeps nothing, and is asked for a line each here.
    "bandit": ["--format=custom", "--msg-template={relpath}:{line}: {test_id} {msg}"],
    "lint-imports": ["--no-cache"],
    "mypy": [],
    "ruff": ["--no-cache"],
}
# How a tool says what is wrong and where; what else it prints is a heading or a sum.
REWORDED = {
    r"-\s+(\S+) -> (.+)": r"\1: imports \2",
    r"([\w./-]+:\d+:.+)": r"\1",
}


def commands(tree: Path) -> list[list[str]]:
    """Read the commands from the recipe.

    Raises:
        LookupError: where there is none, or a line of it is no command of the environment.
    """
    recipe = RECIPE.search((tree / "Makefile").read_text(encoding="utf-8"))
    if recipe is None:
        raise LookupError("Makefile has no `lint`")
    lines = [line.strip() for line in recipe[1].splitlines()]
    if strange := [line for line in lines if not line.startswith(PREFIX)]:
        raise LookupError(f"`make lint` runs `{strange[0]}`: without `{PREFIX.strip()}`")
    return [shlex.split(line.removeprefix(PREFIX)) for line in lines]


def name_of(command: list[str]) -> str:
    """Name a check after its tool: `ruff format --check` is `ruff format`."""
    return " ".join(word for word in command if not word.startswith("-"))


def faults(command: list[str], tree: Path, place: Path) -> list[str]:
    """Give what a tool of the environment at `place` refuses: `tool: file: what`.

    All environments share the cache of mypy that this process has.

    Raises:
        KeyError: for a tool of which nobody has said how it leaves no trace.
    """
    tool, *arguments = command
    env = environment(
        {"MYPY_CACHE_DIR": str(mypy_cache()), "RUFF_OUTPUT_FORMAT": "concise", "NO_COLOR": "1"}
    )
    full = [str(place / "bin" / tool), *arguments, *WITHOUT_TRACE[tool]]
    if tool == "mypy":
        date_apart(tree)
    finished = attempt(full, cwd=tree, env=env, seconds=120)
    if finished.code == 0:
        return []
    return [f"{name_of(command)}: {fault}" for fault in told(finished.output)]


def date_apart(tree: Path) -> None:
    """Give the modules of a tree a second of their own.

    mypy takes a module for the one in its cache where name, size and second are the same. Trees
    that are rendered in one second have such modules: `app.models.users`, `app.users.models`.
    """
    second = secrets.randbelow(10**9)
    for module in tree.rglob("*.py"):
        os.utime(module, (second, second))


def told(output: str) -> list[str]:
    """Give the lines that name a place; all of the output where none does."""
    lines = [line.strip() for line in output.splitlines()]
    found = [
        re.sub(pattern, reworded, line)
        for line in lines
        for pattern, reworded in REWORDED.items()
        if re.fullmatch(pattern, line)
    ]
    return found or [f"Makefile: {output.strip() or 'it failed and said nothing'}"]

"""What an update shows: the releases on the way, what changed, what is left to do."""

import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from drydock.display import done, out, warn
from drydock.git import git, lines
from drydock.update.checks import Check, settings_in
from drydock.update.conflicts import Explained
from drydock.update.history import History
from drydock.update.merging import Bench, Merged
from drydock.update.trees import content_of, entries

# So many names and lines are shown before a number stands for the rest.
NAMES, OWN_LINES = 40, 12
SIGNS = {"A": ("+", "green"), "D": ("-", "red"), "M": ("~", "yellow"), "T": ("~", "yellow")}


@dataclass(frozen=True)
class Outcome:
    """What an update came to."""

    bench: Bench
    merged: Merged
    tree: str
    conflicts: Sequence[Explained]
    checks: Sequence[Check]

    @property
    def is_unfinished(self) -> bool:
        """Tell whether something is left to the owner."""
        return bool(self.conflicts) or any(each.problem for each in self.checks)

    @property
    def changed(self) -> list[tuple[str, str]]:
        """What happened to each file, in Git's letters, and its name."""
        names = git(
            self.bench.folder,
            *("diff-tree", "-r", "-z", "--no-renames", "--name-status"),
            *(self.bench.ours, self.tree),
        )
        parts = iter(lines(names))
        return list(zip(parts, parts, strict=True))

    def versions(self, path: str) -> tuple[bytes, bytes]:
        """Give a file before and after; empty where it is not."""
        before, after = (
            entries(self.bench.folder, tree).get(path) for tree in (self.bench.ours, self.tree)
        )
        return (
            content_of(self.bench.folder, before.blob) if before else b"",
            content_of(self.bench.folder, after.blob) if after else b"",
        )


def releases(history: History) -> None:
    """Show what comes, and what its owner must do."""
    title = Text.assemble("From ", (history.old, "bold"), " to ", (history.new, "bold"))
    out.print(title)
    for release in history.releases:
        name = str(release.version) if release.version else "not released yet"
        date = f"  {release.date}" if release.date else ""
        out.print()
        out.print(Text.assemble((name, "bold cyan"), (date, "dim")))
        for entry in release.must_do:
            out.print(bullet(entry), soft_wrap=not out.is_terminal)
        if not release.must_do:
            out.print(Text("  The changelog says nothing of what you must do.", "dim"))
    out.print()


def bullet(entry: str) -> Padding:
    """Set an entry of a list apart, its further lines below its first."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row("-", Text(entry))
    return Padding(grid, (0, 0, 0, 2))


def outcome(found: Outcome, reasons: Mapping[str, Sequence[str]]) -> None:
    """Show what an update changes, its conflicts, and what the checks found."""
    changes(found)
    for name, signs in (
        (".env.example", differing(*map(settings_in, found.versions(".env.example")))),
        ("dependencies", differing(*map(dependencies, found.versions("pyproject.toml")))),
    ):
        if signs:
            out.print(Text(name, "bold"))
            for sign, style, text in signs:
                out.print(Text(f"  {sign} {text}", style), soft_wrap=True)
    for path, old in sorted(found.merged.removed.items()):
        what = "changed in the template" if path == old else f"is what the template made of {old}"
        warn(f"{path} {what}; you deleted it, and it stays deleted.")
    for conflict in found.conflicts:
        show(conflict, reasons.get(conflict.path, ()))
    for check in found.checks:
        if check.problem:
            line = Text.assemble(("✗ ", "bold red"), check.name, (f"    {check.again}", "dim"))
            out.print(line, soft_wrap=True)
            out.print(Text(indent(check.problem, "    ")), soft_wrap=True)
        else:
            done(check.name if not check.written else f"{check.name}: wrote {check.written[0]}")
    if found.conflicts and not found.checks:
        warn(
            "nothing was checked: resolve the conflicts, then run `uv lock`, "
            "`uv run alembic check` (a migration is missing where it finds operations) "
            "and `make lint test`."
        )


def changes(found: Outcome) -> None:
    """List the files."""
    files = found.changed
    out.print(Text(counted(len(files), "file", "changed"), "bold"))
    for letter, path in files[:NAMES]:
        sign, style = SIGNS.get(letter, ("~", "yellow"))
        out.print(Text(f"  {sign} {path}", style), soft_wrap=True)
    if len(files) > NAMES:
        out.print(Text(f"  and {len(files) - NAMES} more", "dim"))


def show(conflict: Explained, reasons: Sequence[str]) -> None:
    """Show one conflict: what, why, whose lines, and how to end it."""
    out.print()
    out.print(
        Text.assemble(("conflict  ", "bold red"), (conflict.path, "bold"), f": {conflict.kind}"),
        soft_wrap=True,
    )
    for reason in reasons:
        out.print(Text.assemble(("  the template: ", "dim"), reason), soft_wrap=True)
    for line in conflict.lines[:OWN_LINES]:
        out.print(Text.assemble(("  yours | ", "dim"), (line, "cyan")), soft_wrap=True)
    if len(conflict.lines) > OWN_LINES:
        out.print(Text(f"  and {len(conflict.lines) - OWN_LINES} more of your lines", "dim"))
    for command in conflict.commands:
        out.print(Text(f"  $ {command}"), soft_wrap=True)
    out.print()


def times(rendering: float, checking: float) -> None:
    """Say where the time went, in seconds."""
    out.print(Text(f"Rendered and merged in {rendering:.1f} s, checked in {checking:.1f} s", "dim"))


def following(path: Path, found: Outcome) -> None:
    """Print the commands to type next."""
    where = [] if path == Path() else [f"cd {shlex.quote(str(path))}"]
    written = [name for each in found.checks for name in each.written if name.endswith(".py")]
    commands = [
        *where,
        *(
            f"$EDITOR {name}    # the migration that the new models need: read it"
            for name in written
        ),
        "git diff --cached    # what came",
        "make test",
        "git commit",
    ]
    out.print()
    out.print("Next:")
    for command in commands:
        out.print(Text(f"  {command}"), soft_wrap=True)
    again = " ".join(["drydock update", *([shlex.quote(str(path))] if where else []), "--abort"])
    out.print(Text(f"  or, to take it all back: {again}", "dim"), soft_wrap=True)


def counted(number: int, noun: str, rest: str) -> str:
    """Write a number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'} {rest}"


def dependencies(content: bytes) -> set[str]:
    """Give what a pyproject.toml requires, its groups included; nothing where it is in conflict."""
    try:
        project: Any = tomllib.loads(content.decode(encoding="utf-8"))
        listed = list(project.get("project", {}).get("dependencies", []))
        for group in project.get("dependency-groups", {}).values():
            listed += [each for each in group if isinstance(each, str)]
        return {each.strip() for each in listed}
    except (ValueError, TypeError, AttributeError):
        return set()


def differing(before: set[str], after: set[str]) -> list[tuple[str, str, str]]:
    """Give a line for each that came and each that went."""
    gone = [("-", "red", each) for each in before - after]
    return sorted([*gone, *(("+", "green", each) for each in after - before)], key=lambda it: it[2])

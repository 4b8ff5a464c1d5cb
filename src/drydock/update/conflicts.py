"""What a person has to know of a conflict: its kind, which lines are theirs, what to type."""

import re
import shlex
from collections.abc import Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from drydock.update.merging import BASE, OURS, THEIRS, Conflict
from drydock.update.trees import content_of

# The sides of a conflict that Git has, and what happened.
KINDS = {
    frozenset({BASE, OURS, THEIRS}): "both changed the same lines",
    frozenset({OURS, THEIRS}): "both added this file",
    frozenset({BASE, OURS}): "you changed it, the template no longer has it",
    frozenset({BASE}): "both gave it another name",
    frozenset({OURS}): "your name for a file that the template calls otherwise",
    frozenset({THEIRS}): "the template's name for a file that you call otherwise",
}
# Git puts a file beside its name where the other side has something else of that name.
TAKES = re.compile(r"~[^/]+$")
# What Git would read as a pattern.
WILD = set("*?[\\")
OPENS, PARTS, CLOSES = b"<<<<<<< ", b"=======", b">>>>>>> "
MARK = 7  # characters, as Git writes them


@dataclass(frozen=True)
class Explained:
    """A conflict as it is shown: `lines` are the owner's that stand in it."""

    path: str
    kind: str
    lines: tuple[str, ...]
    commands: tuple[str, ...]


def explained(repository: Path, conflict: Conflict, service: Path) -> Explained:
    """Say what a conflict is; `service` leads there from the shell's folder."""
    sides = frozenset(conflict.sides)
    ours, base = (
        content_of(repository, conflict.sides[side].blob) if side in conflict.sides else b""
        for side in (OURS, BASE)
    )
    file = repository / conflict.path
    content = file.read_bytes() if file.is_file() else b""
    is_marked = has_markers(content)
    kind = KINDS.get(sides, "in conflict")
    if TAKES.search(conflict.path):
        kind = "the other side has something else of this name"
    elif {BASE, OURS, THEIRS} == sides and not is_marked:
        kind = "both changed it, and it has no lines to merge"
    lines = []
    if is_marked:
        lines = owners(content)
    elif b"\0" not in ours:
        lines = added(base.splitlines(), ours.splitlines())
    text = tuple(line.decode(errors="replace") for line in lines)
    commands = commands_for(conflict.path, sides, service, is_marked=is_marked)
    return Explained(conflict.path, kind, text, commands)


def commands_for(path: str, sides: Set[int], service: Path, *, is_marked: bool) -> tuple[str, ...]:
    """Give the commands that end a conflict: one of them is enough."""
    git = "git" if service == Path() else f"git -C {shlex.quote(str(service))}"
    if path.startswith(":") or WILD & set(path):
        git += " --literal-pathspecs"
    name = shlex.quote(f"./{path}" if path.startswith("-") else path)
    if sides == {BASE}:
        return (f"{git} rm {name}    # it has other names now",)
    commands = []
    if is_marked:
        commands.append(f"edit {shlex.quote(str(service / path))}, then {git} add {name}")
    if {OURS, THEIRS} <= sides:
        for side, whose in (("ours", "yours"), ("theirs", "the template's")):
            take = f"{git} checkout --{side} {name} && {git} add {name}"
            commands.append(f"{take}    # all of {whose}")
    else:
        commands.append(f"{git} add {name}    # keep it")
        commands.append(f"{git} rm {name}    # do without it")
    return tuple(commands)


def owners(content: bytes) -> list[bytes]:
    """Give the owner's side of each conflict in a file with markers."""
    found, inside = [], False
    for line in content.splitlines():
        if line.startswith(OPENS):
            inside = True
        elif line[:MARK] == PARTS and len(line) == MARK:
            inside = False
        elif inside:
            found.append(line)
    return found


def has_markers(content: bytes) -> bool:
    """Tell whether a file holds a conflict that nobody has resolved."""
    starts = {line[: MARK + 1] for line in content.splitlines()}
    return OPENS in starts and CLOSES in starts


def added(before: list[bytes], after: list[bytes]) -> list[bytes]:
    """Give the lines that one version has and the earlier one has not."""
    found = []
    for kind, _, _, begin, end in SequenceMatcher(None, before, after, False).get_opcodes():
        if kind in ("insert", "replace"):
            found += after[begin:end]
    return found

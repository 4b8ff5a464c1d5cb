"""What a person has to know of a conflict: its kind, which lines are theirs, what to type."""

import shlex
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
OPENS, PARTS, CLOSES = b"<<<<<<< ", b"=======", b">>>>>>> "
MARK = 7  # characters, as Git writes them


@dataclass(frozen=True)
class Explained:
    """A conflict as it is shown: `lines` are the owner's that stand in it."""

    path: str
    kind: str
    lines: tuple[str, ...]
    commands: tuple[str, ...]


def explained(repository: Path, conflict: Conflict, prefix: str) -> Explained:
    """Say what a conflict is; `prefix` leads from the shell's folder to the service."""
    name = shlex.quote(prefix + conflict.path)
    sides = frozenset(conflict.sides)
    ours, base = (
        content_of(repository, conflict.sides[side].blob).splitlines()
        if side in conflict.sides
        else []
        for side in (OURS, BASE)
    )
    file = repository / conflict.path
    commands: tuple[str, ...]
    if file.is_file() and (between := owners(file.read_bytes())):
        lines = between
        commands = (
            f"edit {name}, then git add {name}",
            f"git checkout --ours {name} && git add {name}    # all of yours",
            f"git checkout --theirs {name} && git add {name}    # all of the template's",
        )
    else:
        lines = added(base, ours)
        commands = (
            f"git add {name}    # keep it",
            f"git rm {name}    # do without it",
        )
    text = tuple(line.decode(errors="replace") for line in lines)
    return Explained(conflict.path, KINDS.get(sides, "in conflict"), text, commands)


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

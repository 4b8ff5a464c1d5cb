"""How the files of two sets of answers differ, as Git tells it."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.text import Text

from drydock.display import out
from drydock.git import git, lines
from drydock.preview.show import Size
from drydock.series import PROGRAM, File

# Whatever the user's settings are.
PLAINLY = ("--no-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-prefix")
# The exit codes of a comparison: nothing differs, something does.
DIFFERS = (0, 1)


def show(before: Mapping[str, File], after: Mapping[str, File], *, title: str) -> None:
    """List the files that come, go and change, then the lines of those that change.

    Where there is but one file, its lines are all: those of one that comes or goes too.
    """
    names = before.keys() | after.keys()
    shown = names if len(names) == 1 else before.keys() & after.keys()
    with tempfile.TemporaryDirectory(prefix="drydock-") as folder:
        place = Path(folder)
        for side, files in (("a", before), ("b", after)):
            write(place / side, {name: files[name] for name in shown if name in files})
        if len(names) > 1:
            summary(title, before, after, place)
        elif before == after:
            out.print(f"{title}: {', '.join(names)} is the same", soft_wrap=True)
        patch(place)


def write(folder: Path, files: Mapping[str, File]) -> None:
    """Write files for Git to compare."""
    folder.mkdir()
    for name, file in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.mode == PROGRAM else 0o644)


def summary(title: str, before: Mapping[str, File], after: Mapping[str, File], place: Path) -> None:
    """Name what comes, what goes and what changes, with the lines."""
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    changed = counts(place)
    same = len(before.keys() & after.keys()) - len(changed)
    heads = [f"{len(new)} new", f"{len(gone)} gone", f"{len(changed)} changed", f"{same} the same"]
    out.print(Text.assemble((title, "bold"), f": {', '.join(heads)}"), soft_wrap=True)
    for sign, style, files in (
        ("+", "green", {name: f"+{Size.of(after[name]).lines}" for name in new}),
        ("-", "red", {name: f"-{Size.of(before[name]).lines}" for name in gone}),
        ("~", "yellow", changed),
    ):
        for name, number in sorted(files.items()):
            out.print(Text.assemble((f"{sign} {name}", style), f"  {number}"), soft_wrap=True)
    if changed:
        out.print()


def counts(place: Path) -> dict[str, str]:
    """Count the lines that come and go in each file that changes, such as `+3 -1`."""
    listed = iter(
        lines(git(place, "diff", *PLAINLY, "--numstat", "-z", "a", "b", expected=DIFFERS))
    )
    found = {}
    for numbers, name, _ in zip(listed, listed, listed, strict=True):
        added, removed = numbers.split()
        found[name.removeprefix("a/")] = f"+{added} -{removed}"
    return found


def patch(place: Path) -> None:
    """Print what Git says of the lines."""
    color = "always" if out.is_terminal and out.color_system else "never"
    said = git(place, "diff", *PLAINLY, f"--color={color}", "a", "b", expected=DIFFERS)
    sys.stdout.flush()
    sys.stdout.buffer.write(said.encode(errors="surrogateescape"))

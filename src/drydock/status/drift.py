"""What an owner changed in the files of the template, counted as Git counts it."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock.git import git, lines
from drydock.series import LINK, PLAIN, PROGRAM, File
from drydock.update.service import ANSWERS


@dataclass(frozen=True)
class Change:
    """A file of the template that is not as it was rendered, and its lines that came and went.

    A file that is no text, or of which only the mode changed, counts none.
    """

    path: str
    added: int
    removed: int


def drift(
    service: Path, modes: Mapping[str, str], rendered: Mapping[str, File], place: Path
) -> tuple[Change, ...]:
    """Compare the files in a service's folder with those that were rendered.

    What the template did not render is the owner's own, and the answers file only says what was
    rendered: neither is drift, nor are line ends. A file that is gone is.

    Args:
        service: its folder, as it is now, committed or not.
        modes: of the files that Git tracks there, for not every disk knows of programs.
        rendered: the files as the template made them.
        place: a folder for temporary files.

    Raises:
        OSError: where a file cannot be read.
        GitError: when Git cannot compare.
    """
    with tempfile.TemporaryDirectory(dir=place) as folder:
        differing = []
        for path, theirs in rendered.items():
            ours = found(service / path, modes.get(path))
            if path == ANSWERS or ours == (wanted := plain(theirs)):
                continue
            differing.append(path)
            write(Path(folder, "template", path), wanted.content)
            if ours is not None:
                write(Path(folder, "owner", path), ours.content)
        counts = compared(Path(folder)) if differing else {}
    return tuple(Change(path, *counts.get(path, (0, 0))) for path in sorted(differing))


def found(file: Path, mode: str | None) -> File | None:
    """Read a file of the owner; None where there is none."""
    if file.is_symlink():
        return File(LINK, os.fsencode(file.readlink()))
    if not file.is_file():
        return None
    on_disk = PROGRAM if file.stat().st_mode & 0o100 else PLAIN
    return plain(File(mode if mode in (PLAIN, PROGRAM) else on_disk, file.read_bytes()))


def plain(file: File) -> File:
    """Give a file with line feeds alone, for line ends are the owner's."""
    return File(file.mode, file.content.replace(b"\r\n", b"\n"))


def write(file: Path, content: bytes) -> None:
    """Write a file to be compared."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def compared(folder: Path) -> dict[str, tuple[int, int]]:
    """Count the lines that were added to, and removed from, the template's files."""
    (folder / "owner").mkdir(exist_ok=True)
    options = ("--no-index", "--numstat", "-z", "--no-renames")
    differs = (0, 1)
    listed = lines(git(folder, "diff", *options, "template", "owner", expected=differs))
    parts = iter(listed)
    return {
        path.removeprefix("template/"): number(counts)
        for counts, path, _ in zip(parts, parts, parts, strict=True)
    }


def number(counts: str) -> tuple[int, int]:
    """Read the lines that came and went; Git has a dash for what is no text."""
    added, removed = (int(each) if each.isdigit() else 0 for each in counts.split())
    return added, removed

"""Where one service stands."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from drydock.errors import Refused, one_line
from drydock.git import GitError, git, lines
from drydock.series import PLAIN, PROGRAM, File, Series
from drydock.source import Source
from drydock.status.drift import Change, drift
from drydock.status.upstream import Edition
from drydock.update import journal
from drydock.update.conflicts import OPENS, has_markers
from drydock.update.service import ANSWERS, Service


@dataclass(frozen=True)
class Begun:
    """An update that was neither committed nor taken back; not complete if it was interrupted."""

    version: str
    complete: bool


@dataclass(frozen=True)
class Status:
    """What is known of a service; None is what could not be found out, for the `problem`.

    `behind` names the releases after its version, `conflicts` the files with one.
    """

    path: str
    template: str | None = None
    version: str | None = None
    newest: str | None = None
    behind: tuple[str, ...] | None = None
    drift: tuple[Change, ...] | None = None
    conflicts: tuple[str, ...] | None = None
    update: Begun | None = None
    problem: str | None = None

    @property
    def code(self) -> int:
        """The exit code: 2 for a problem, 1 where something is to do; drift is no fault."""
        return 2 if self.problem else int(bool(self.behind or self.conflicts or self.update))


@dataclass(frozen=True)
class Task:
    """A service to look at; `place` is a folder for temporary files."""

    name: str
    service: Service
    edition: Edition
    place: Path


def look(task: Task) -> Status:
    """Find out where a service stands."""
    service, edition = task.service, task.edition
    known = Status(task.name, service.source, service.version, edition.newest, edition.behind)
    try:
        modes, unmerged = tracked(service)
        return replace(
            known,
            drift=drift(service.folder, modes, rendered(task), task.place),
            conflicts=tuple(sorted(unmerged | marked(service.folder, modes))),
            update=begun(service),
        )
    except Refused as error:
        return replace(known, problem=str(error))
    except (GitError, OSError) as error:
        return replace(known, problem=unreadable(error))


def unreadable(error: Exception) -> str:
    """Say why nothing is known of a service."""
    return f"the service cannot be read ({one_line(str(error))})."


def tracked(service: Service) -> tuple[dict[str, str], set[str]]:
    """Give the files that Git tracks with their modes, and those that it has not merged."""
    modes, unmerged = {}, set()
    for line in lines(git(service.folder, "ls-files", "--stage", "-z", "--", ".")):
        about, _, path = line.partition("\t")
        modes[path], _, stage = about.split()
        if stage != "0":
            unmerged.add(path)
    return modes, unmerged


def marked(folder: Path, modes: Mapping[str, str]) -> set[str]:
    """Name the files in which somebody left the markers of a conflict."""
    files = (path for path, mode in modes.items() if mode in (PLAIN, PROGRAM))
    return {path for path in files if is_marked(folder / path)}


def is_marked(file: Path) -> bool:
    """Tell whether a file has the markers of a conflict."""
    if not file.is_file():
        return False
    content = file.read_bytes()
    return OPENS in content and has_markers(content)


def begun(service: Service) -> Begun | None:
    """Give the update that waits for its owner; in a larger repository, one of this service."""
    found = journal.read(service)
    if found is None or not any(path.startswith(service.prefix) for path in found.paths):
        return None
    return Begun(found.version, found.complete)


def rendered(task: Task) -> Mapping[str, File]:
    """Render the service as its template makes it."""
    service, edition = task.service, task.edition
    with tempfile.TemporaryDirectory(dir=task.place) as place:
        folder = Path(place, service.folder.name)  # which Copier offers to templates
        folder.mkdir()
        (folder / ANSWERS).write_bytes((service.folder / ANSWERS).read_bytes())
        return series(edition.source, edition.folder).files(folder, service.answers)


@cache
def series(source: Source, folder: Path) -> Series:
    """Load a version of a template once in each process."""
    return Series(source, folder)

"""Three trees into one: what the template made then, what it makes now, and what the owner did.

Copier renders and Git merges (docs/decisions/0020): with the old rendering as the base, Git follows
renamed files, and every line that it cannot place stays, between markers or as a whole file.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drydock.errors import Refused
from drydock.git import GitError, git, lines
from drydock.update.service import ANSWERS, Checkout
from drydock.update.trees import Entry, Index, blob_of, content_of, entries

BASE, OURS, THEIRS = 1, 2, 3
# Nothing of the user's settings may change how a merge comes out.
SETTINGS = {
    "commit.gpgSign": "false",
    "core.autocrlf": "false",
    "core.hooksPath": "/dev/null",
    "merge.conflictStyle": "merge",
    # A folder that the owner renamed does not draw the template's new files after it.
    "merge.directoryRenames": "false",
    "merge.renameLimit": "10000",
    "merge.renames": "true",
    "rerere.enabled": "false",
    "user.email": "drydock@localhost",
    "user.name": "drydock",
}


@dataclass(frozen=True)
class Conflict:
    """A file that Git could not merge: each side of it by its number, as an index keeps them."""

    path: str
    sides: Mapping[int, Entry]


@dataclass(frozen=True)
class Merged:
    """What came out: a tree with markers in it where there are conflicts.

    `removed` names files that the owner deleted and the template changed: they stay deleted.
    """

    base: str
    tree: str
    conflicts: tuple[Conflict, ...]
    removed: tuple[str, ...]


class Bench:
    """A repository beside the service's, with its objects at hand; `folder` is the work tree."""

    def __init__(self, folder: Path, service: Checkout) -> None:
        """Make it, with the service as it is checked out.

        Raises:
            Refused: when Git cannot.
        """
        self.folder = folder
        self.service = service
        try:
            kind = git(service.folder, "rev-parse", "--show-object-format").strip()
            git(folder.parent, "init", "--quiet", f"--object-format={kind}", str(folder))
            alternates = folder / ".git" / "objects" / "info" / "alternates"
            alternates.write_text(f"{service.private('objects').resolve()}\n", encoding="utf-8")
            for name, value in SETTINGS.items():
                git(folder, "config", name, value)
            self.ours = git(service.folder, "rev-parse", service.tree).strip()
        except GitError as error:
            raise Refused(f"Git cannot read the service ({error}).") from error

    def tree_of(self, rendered: Path) -> str:
        """Keep what was rendered, with the line ends that the owner has in each file."""
        with Index(self.folder) as index:
            tree = index.add_folder(rendered).write()
            carriage = with_carriage_returns(self.folder, self.ours)
            return index.set(
                {
                    path: Entry(entry.mode, self._converted(entry.blob))
                    for path, entry in entries(self.folder, tree).items()
                    if path in carriage
                }
            ).write()

    def _converted(self, blob: str) -> str:
        content = content_of(self.folder, blob).replace(b"\r\n", b"\n")
        return blob_of(self.folder, content.replace(b"\n", b"\r\n"))

    def merge(self, base: str, theirs: str, label: str) -> Merged:
        """Merge what is new into what is the owner's; the work tree shows what came out.

        `label` stands at the end of the template's side of a conflict.

        Raises:
            Refused: when Git fails other than with conflicts.
        """
        first = self._commit(base)
        ours, other = self._commit(self.ours, first), self._commit(theirs, first)
        branch = "".join(each if each.isalnum() or each in ".-_" else "-" for each in label)
        git(self.folder, "checkout", "--quiet", "-b", "owner", ours)
        git(self.folder, "branch", "--no-track", branch, other)
        try:
            git(self.folder, "merge", "--quiet", "--no-commit", "--no-ff", "-s", "ort", branch)
        except GitError as error:
            if not git(self.folder, "ls-files", "--unmerged"):
                raise Refused(f"Git cannot merge the update ({error}).") from error
        conflicts = self._conflicts()
        removed = [each for each in conflicts if set(each.sides) == {BASE, THEIRS}]
        kept = [each for each in conflicts if each not in removed and each.path != ANSWERS]
        for each in removed:
            (self.folder / each.path).unlink(missing_ok=True)
        answers = entries(self.folder, theirs)[ANSWERS]
        (self.folder / ANSWERS).write_bytes(content_of(self.folder, answers.blob))
        tree = self._write([each.path for each in kept], [each.path for each in removed], answers)
        return Merged(base, tree, tuple(kept), tuple(each.path for each in removed))

    def _commit(self, tree: str, *parents: str) -> str:
        options = [word for parent in parents for word in ("-p", parent)]
        return git(self.folder, "commit-tree", tree, *options, "-m", "drydock").strip()

    def _conflicts(self) -> list[Conflict]:
        sides: dict[str, dict[int, Entry]] = {}
        for line in lines(git(self.folder, "ls-files", "--unmerged", "-z")):
            about, _, path = line.partition("\t")
            mode, blob, side = about.split()
            sides.setdefault(path, {})[int(side)] = Entry(mode, blob)
        return [Conflict(path, each) for path, each in sorted(sides.items())]

    def _write(self, conflicted: list[str], removed: list[str], answers: Entry) -> str:
        """Write the tree that lies in the work tree now, markers and all."""
        with Index(self.folder) as index:
            shutil.copy(self.folder / ".git" / "index", index.environment["GIT_INDEX_FILE"])
            index.remove([*conflicted, *removed, ANSWERS])
            index.set({ANSWERS: answers} | self.files(conflicted))
            return index.write()

    def files(self, paths: list[str]) -> dict[str, Entry]:
        """Keep those of these files that are in the work tree."""
        found = {}
        for path in paths:
            file = self.folder / path
            if file.is_symlink():
                found[path] = Entry("120000", blob_of(self.folder, os.fsencode(file.readlink())))
            elif file.is_file():
                mode = "100755" if file.stat().st_mode & 0o100 else "100644"
                blob = git(self.folder, "hash-object", "-w", "--", path).strip()
                found[path] = Entry(mode, blob)
        return found

    def with_files(self, tree: str, paths: list[str]) -> str:
        """Give a tree with files of the work tree put into it."""
        with Index(self.folder, tree) as index:
            return index.set(self.files(paths)).write()


def with_carriage_returns(repository: Path, tree: str) -> set[str]:
    """Name the files in which each line ends with a carriage return and a line feed."""
    with Index(repository, tree) as index:
        listed = git(
            repository, "ls-files", "--eol", "--cached", "-z", environment=index.environment
        )
    return {
        line.partition("\t")[2] for line in lines(listed) if line.split(maxsplit=1)[0] == "i/crlf"
    }

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
from drydock.update.line_ends import as_owner_has
from drydock.update.service import ANSWERS, Checkout
from drydock.update.trees import Entry, Index, blob_of, entries, renamed

BASE, OURS, THEIRS = 1, 2, 3
SUBMODULE = "160000"
# Nothing of the user's settings may change how a merge comes out.
SETTINGS = {
    "commit.gpgSign": "false",
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.safecrlf": "false",
    "merge.autoStash": "false",
    "merge.conflictStyle": "merge",
    # A folder that the owner renamed does not draw the template's new files after it.
    "merge.directoryRenames": "false",
    "merge.renameLimit": "10000",
    "merge.renames": "true",
    "merge.renormalize": "false",
    "merge.verifySignatures": "false",
    "rerere.enabled": "false",
    "user.email": "drydock@localhost",
    "user.name": "drydock",
}
# What is merged is what Git stores: Git LFS, say, has nothing to fetch here.
ATTRIBUTES = "* -filter -ident -working-tree-encoding\n"


@dataclass(frozen=True)
class Conflict:
    """A file that Git could not merge: each side of it by its number, as an index keeps them."""

    path: str
    sides: Mapping[int, Entry]


@dataclass(frozen=True)
class Merged:
    """What came out: a tree with markers in it where there are conflicts.

    `removed` names files that the owner deleted and the template changed: they stay deleted. Each
    has the name beside it that it had before.
    """

    tree: str
    conflicts: tuple[Conflict, ...]
    removed: Mapping[str, str]


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
            plain = ("--quiet", "--template=", "--initial-branch=owner", f"--object-format={kind}")
            git(folder.parent, "init", *plain, str(folder))
            alternates = folder / ".git" / "objects" / "info" / "alternates"
            alternates.write_text(f"{service.private('objects').resolve()}\n", encoding="utf-8")
            attributes = folder / ".git" / "info" / "attributes"
            attributes.parent.mkdir()
            attributes.write_text(ATTRIBUTES, encoding="utf-8")
            for name, value in SETTINGS.items():
                git(folder, "config", name, value)
            self.ours = git(service.folder, "rev-parse", service.tree).strip()
        except GitError as error:
            raise Refused(f"Git cannot read the service ({error}).") from error

    def tree_of(self, rendered: Path) -> str:
        """Keep what was rendered, whatever its `.gitignore` says."""
        with Index(self.folder) as index:
            return index.add_folder(rendered).write()

    def merge(self, base: str, theirs: str, label: str) -> Merged:
        """Merge what is new into what is the owner's; the work tree shows what came out.

        `label` stands at the end of the template's side of a conflict.

        Raises:
            Refused: when Git fails other than with conflicts.
        """
        base, theirs = as_owner_has(self.folder, self.ours, base, theirs)
        # Nobody merges the answers: the new ones are what the new files were made from.
        base = self._with(base, {ANSWERS: entries(self.folder, self.ours).get(ANSWERS)})
        branch = "".join(each if each.isalnum() or each in ".-_" else "-" for each in label)
        removed: dict[str, str] = {}
        while True:
            conflicts = self._conflicts(base, theirs, branch)
            gone = self._gone(conflicts, theirs, branch)
            if not gone:
                return Merged(self._write(conflicts), tuple(conflicts), removed)
            # Whatever the owner has in its place by now, it is merged without what was deleted.
            old = {new: old for old, new in renamed(self.folder, base, theirs) if new in gone}
            removed |= {path: old.get(path, path) for path in gone}
            base = self._with(base, dict.fromkeys({*gone, *old.values()}))
            theirs = self._with(theirs, dict.fromkeys(gone))

    def _with(self, tree: str, changed: Mapping[str, Entry | None]) -> str:
        """Give a tree with files put into it, and those that are None taken out."""
        with Index(self.folder, tree) as index:
            index.remove(path for path, entry in changed.items() if entry is None)
            return index.set({path: each for path, each in changed.items() if each}).write()

    def _gone(self, conflicts: list[Conflict], theirs: str, branch: str) -> set[str]:
        """Name what the owner deleted and the template changed, as the template calls it."""
        found = {each.path for each in conflicts if set(each.sides) == {BASE, THEIRS}}
        known = entries(self.folder, theirs) if found else {}
        # Where the owner has something else of that name, Git puts the file beside it.
        names = {path if path in known else path.removesuffix(f"~{branch}") for path in found}
        return names & known.keys()

    def _commit(self, tree: str, *parents: str) -> str:
        options = [word for parent in parents for word in ("-p", parent)]
        return git(self.folder, "commit-tree", tree, *options, "-m", "drydock").strip()

    def _conflicts(self, base: str, theirs: str, branch: str) -> list[Conflict]:
        """Merge three trees in the work tree and the index, and say what is left to decide.

        Raises:
            Refused: when Git fails other than with conflicts, or a submodule is in one.
        """
        first = self._commit(base)
        git(self.folder, "reset", "--hard", "--quiet", self._commit(self.ours, first))
        git(self.folder, "clean", "-ffdxq")
        git(self.folder, "branch", "--no-track", "--force", branch, self._commit(theirs, first))
        try:
            git(self.folder, "merge", "--quiet", "--no-commit", "--no-ff", "-s", "ort", branch)
        except GitError as error:
            if not git(self.folder, "ls-files", "--unmerged"):
                raise Refused(f"Git cannot merge the update ({error}).") from error
        sides: dict[str, dict[int, Entry]] = {}
        for line in lines(git(self.folder, "ls-files", "--unmerged", "-z")):
            about, _, path = line.partition("\t")
            mode, blob, side = about.split()
            if mode == SUBMODULE:
                raise Refused(
                    f"{path!r} is a submodule, and the template has files of that name: "
                    "move it, and run this again."
                )
            sides.setdefault(path, {})[int(side)] = Entry(mode, blob)
        return [Conflict(path, each) for path, each in sorted(sides.items())]

    def _write(self, conflicts: list[Conflict]) -> str:
        """Write the tree that lies in the work tree now, markers and all."""
        paths = [each.path for each in conflicts]
        with Index(self.folder) as index:
            shutil.copy(self.folder / ".git" / "index", index.environment["GIT_INDEX_FILE"])
            return index.remove(paths).set(self.files(paths)).write()

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

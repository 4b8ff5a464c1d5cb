"""Trees in Git's store of objects: made from folders, changed entry by entry."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from drydock.git import git, lines


@dataclass(frozen=True)
class Entry:
    """A file of a tree, or of one side of a merge: its mode as Git writes it, and its blob."""

    mode: str
    blob: str


class Index:
    """An index of its own for a repository: what is changed here is in nobody's way."""

    def __init__(self, repository: Path, tree: str = "") -> None:
        """Begin with a tree, or with nothing."""
        self.repository = repository
        self._folder = tempfile.TemporaryDirectory(prefix="drydock-index-")
        self.environment = {"GIT_INDEX_FILE": str(Path(self._folder.name) / "index")}
        git(repository, "read-tree", tree or "--empty", environment=self.environment)

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self._folder.cleanup()

    def add_folder(self, folder: Path) -> Self:
        """Take everything that a folder holds, whatever its `.gitignore` says."""
        git(
            folder,
            *("--git-dir", str(self.repository / ".git"), "--work-tree", "."),
            *("add", "--all", "--force", "."),
            environment=self.environment,
        )
        return self

    def set(self, entries: Mapping[str, Entry]) -> Self:
        """Put files into the tree, in the place of all sides of a conflict."""
        text = "".join(f"{each.mode} {each.blob}\t{path}\0" for path, each in entries.items())
        return self._update("--index-info", given=text)

    def remove(self, paths: Iterable[str]) -> Self:
        """Take files out of the tree."""
        text = "".join(f"{path}\0" for path in paths)
        return self._update("--force-remove", "--stdin", given=text)

    def _update(self, *options: str, given: str) -> Self:
        command = ("update-index", "--add", "-z", *options)
        git(self.repository, *command, given=given, environment=self.environment)
        return self

    def graft(self, prefix: str, tree: str) -> Self:
        """Put a tree where a folder of this one was."""
        quiet = ("rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--", f":(literal){prefix}")
        git(self.repository, *quiet, environment=self.environment)
        git(
            self.repository,
            *("read-tree", f"--prefix={prefix}", tree),
            environment=self.environment,
        )
        return self

    def write(self) -> str:
        """Write the tree, and give its id."""
        return git(self.repository, "write-tree", environment=self.environment).strip()


def entries(repository: Path, tree: str) -> dict[str, Entry]:
    """List the files of a tree by their paths."""
    found = {}
    for line in lines(git(repository, "ls-tree", "-r", "-z", "--full-tree", tree)):
        about, _, path = line.partition("\t")
        mode, _, blob = about.split()
        found[path] = Entry(mode, blob)
    return found


def renamed(repository: Path, before: str, after: str) -> Iterable[tuple[str, str]]:
    """Give the old and the new name of each file that has another one."""
    options = ("-r", "-z", "--find-renames", "-l10000", "--diff-filter=R", "--name-status")
    parts = iter(lines(git(repository, "diff-tree", *options, before, after)))
    return ((old, new) for _, old, new in zip(parts, parts, parts, strict=True))


def blob_of(repository: Path, content: bytes) -> str:
    """Keep bytes in the store, as they are."""
    return git(repository, "hash-object", "-w", "--stdin", given=content).strip()


def content_of(repository: Path, blob: str) -> bytes:
    """Read bytes from the store."""
    text = git(repository, "cat-file", "blob", blob)
    return text.encode(errors="surrogateescape")

"""A service that was built before: its repository, and what its answers file says."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import answers
from drydock.errors import Refused
from drydock.git import GitError, git, lines
from drydock.repository import check_git

ANSWERS = ".copier-answers.yml"
# Of a tree that is not clean, so many files are named.
NAMED = 3
# What Git keeps of its own while it is in the middle of something.
UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


@dataclass(frozen=True)
class Checkout:
    """A folder in a Git repository that may be larger than it.

    `top` is the root of the repository, `prefix` the way from there to the folder (`""` or
    `"services/orders/"`), and `head` the commit that is checked out.
    """

    folder: Path
    top: Path
    prefix: str
    head: str

    @property
    def tree(self) -> str:
        """The tree of the folder in the commit that is checked out, as Git's revisions say it."""
        return f"{self.head}:{self.prefix}"

    def private(self, name: str) -> Path:
        """Give the path of a file of Git's own, below `.git`."""
        return self.folder / git(self.folder, "rev-parse", "--git-path", name).removesuffix("\n")


@dataclass(frozen=True)
class Service(Checkout):
    """A checkout with an answers file, and what that says."""

    recorded: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Where its template comes from, as recorded."""
        return str(self.recorded["_src_path"])

    @property
    def version(self) -> str:
        """The version of the template that it was made from, or last updated to."""
        return str(self.recorded["_commit"])

    @property
    def answers(self) -> dict[str, Any]:
        """What it answered, question by question."""
        return {name: value for name, value in self.recorded.items() if not name.startswith("_")}


def find(path: Path) -> Service:
    """Open the service in a folder.

    Raises:
        Refused: where there is none, it is in no repository, or its answers file is not usable.
    """
    folder = path.resolve()
    if folder.is_dir() and not (folder / ANSWERS).is_file():
        raise Refused(f"{str(path)!r} is no service: it has no {ANSWERS}{near(folder)}.")
    opened = checkout(path)
    return Service(folder, opened.top, opened.prefix, opened.head, recorded(folder))


def recorded(folder: Path) -> dict[str, Any]:
    """Read the answers file of a folder.

    Raises:
        Refused: where it is not usable.
    """
    found = answers.read(folder / ANSWERS, ANSWERS)
    for key, what in (("_src_path", "which template"), ("_commit", "which version of it")):
        if not isinstance(found.get(key), str) or not found[key]:
            raise Refused(
                f"{ANSWERS} does not say from {what} the service was made ({key} is missing): "
                f"bring the line back, `git log -p {ANSWERS}` shows it."
            )
    return found


def checkout(path: Path) -> Checkout:
    """Find the repository that a folder is in.

    Raises:
        Refused: where there is no such folder, no repository, or no commit.
    """
    check_git()
    folder = path.resolve()
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise Refused(f"{str(path)!r} {what}: give the folder of a service.")
    try:
        top = git(folder, "rev-parse", "--show-toplevel").removesuffix("\n")
        prefix = git(folder, "rev-parse", "--show-prefix").removesuffix("\n")
    except GitError as error:
        raise Refused(
            f"{str(path)!r} is in no Git repository, and without one an update could not be taken "
            f"back: run `git init`, `git add -A` and `git commit` there first ({error})."
        ) from error
    try:
        head = git(folder, "rev-parse", "--verify", "HEAD^{commit}").strip()
    except GitError as error:
        raise Refused(f"{str(path)!r} has no commit yet: commit the service first.") from error
    return Checkout(folder, Path(top), prefix, head)


def near(folder: Path) -> str:
    """Name the service that a folder is a part of."""
    for parent in folder.parents:
        if (parent / ANSWERS).is_file():
            return f"; the one above it is {shlex.quote(str(parent))}"
    return "; give the folder of one"


def check_clean(service: Checkout) -> None:
    """Refuse a service with uncommitted work: an update could not be told from it.

    Raises:
        Refused: naming the first files, or what Git is in the middle of.
    """
    private = Path(git(service.folder, "rev-parse", "--absolute-git-dir").removesuffix("\n"))
    for name, what in UNDER_WAY.items():
        if (private / name).exists():
            raise Refused(
                f"a {what} is under way: end it with `git {what} --continue` or "
                f"`git {what} --abort`, and run this again."
            )
    if not git(service.folder, "ls-files", "--", ANSWERS):
        raise Refused(
            f"Git does not track {ANSWERS}, and so an update could not be taken back: "
            "see why with `git check-ignore -v` and commit it first."
        )
    # Whatever the user's settings hide; and without a lock, which a killed one would leave.
    look = ("--no-optional-locks", "status", "--porcelain", "--untracked-files=normal")
    status = lines(git(service.folder, *look, "-z", "--no-renames", "--", "."))
    if not status:
        return
    names = [entry[3:].removeprefix(service.prefix) for entry in status]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    raise Refused(
        f"there is uncommitted work ({', '.join(names[:NAMED])}{more}): "
        "commit it, or put it away with `git stash -u`, and run this again."
    )

"""Writes a finished update into the service, all at once as far as Git can."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path, PurePosixPath

from drydock.errors import Refused
from drydock.git import GitError, git, lines
from drydock.staging import undisturbed
from drydock.update import journal
from drydock.update.journal import Journal
from drydock.update.merging import Bench, Merged
from drydock.update.service import Checkout
from drydock.update.trees import Index, entries


def check_free(service: Checkout, bench: Bench, tree: str) -> None:
    """Refuse to write over a file that Git does not track: an ignored one could not come back.

    Raises:
        Refused: naming the first one.
    """
    known = entries(bench.folder, bench.ours)
    for path in entries(bench.folder, tree):
        if path not in known and (taken := in_the_way(service.folder, path, known)):
            raise Refused(
                f"{taken!r} is in the way: the update brings a file there, and Git does not track "
                "yours. Move it, and run this again."
            )


def in_the_way(folder: Path, path: str, known: Collection[str]) -> str:
    """Name what lies where a file is to come, unless Git tracks it; empty where nothing does."""
    file = PurePosixPath(path)
    for part in (*reversed(file.parents), file):
        place = folder / part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return "" if str(part) in known else str(part)
    below = (each for each in (folder / file).rglob("*") if each.is_symlink() or not each.is_dir())
    names = (each.relative_to(folder).as_posix() for each in below)
    return next((name for name in names if name not in known), "")


def apply(service: Checkout, bench: Bench, merged: Merged, tree: str, version: str) -> None:
    """Bring the service's tree, and its index, to what the update made.

    What merged is staged, and a conflict is unmerged in the index, as `git merge` leaves it. Before
    the first file changes, the journal knows how to go back. It is too late for Ctrl-C then.

    Raises:
        Refused: when Git cannot; the tree is as it was then.
    """
    try:
        fetch(service, bench, merged, tree)
        with Index(service.top, service.head) as index:
            whole = index.graft(service.prefix, tree).write() if service.prefix else tree
        changed = git(
            service.top,
            *("diff-tree", "-r", "-z", "--no-renames", "--name-only", service.head, whole),
        )
        paths = {*lines(changed), *(service.prefix + each.path for each in merged.conflicts)}
        begun = Journal(service.head, version, tuple(sorted(paths)))
        check_unchanged(service)
        with undisturbed():
            write(service, begun, merged, whole)
    except (GitError, OSError) as error:
        raise Refused(f"Git cannot write the update ({error}).") from error


def write(service: Checkout, begun: Journal, merged: Merged, whole: str) -> None:
    """Have Git change the files; where it fails the tree before comes back."""
    move = ("read-tree", "-m", "-u", begun.before, whole)
    journal.write(service, begun)
    try:
        # What was only touched is no change; what was changed meanwhile is refused here.
        git(service.top, "update-index", "-q", "--unmerged", "--refresh")
        git(service.top, *move, "--dry-run")
    except GitError:
        journal.remove(service)
        raise
    try:
        git(service.top, *move)
        mark(service, merged)
        journal.write(service, replace(begun, complete=True))
    except (GitError, OSError):
        journal.restore(service, begun)
        journal.remove(service)
        raise


def check_unchanged(service: Checkout) -> None:
    """Refuse to write where somebody else did meanwhile: checks take minutes.

    Raises:
        Refused: when another commit is checked out by now, or another update began.
    """
    if git(service.folder, "rev-parse", "HEAD").strip() != service.head:
        raise Refused("another commit was checked out meanwhile: run this again.")
    journal.check_none(service)


def fetch(service: Checkout, bench: Bench, merged: Merged, tree: str) -> None:
    """Bring what the update made into the service's store, each side of the conflicts too."""
    with Index(bench.folder, tree) as index:
        sides = {
            f"sides/{number}/{side}": entry
            for number, each in enumerate(merged.conflicts)
            for side, entry in each.sides.items()
        }
        parcel = index.set(sides).write()
    commit = git(bench.folder, "commit-tree", parcel, "-m", "drydock").strip()
    whole = git(bench.folder, "commit-tree", tree, "-p", commit, "-m", "drydock").strip()
    git(bench.folder, "branch", "--no-track", "parcel", whole)
    git(
        service.top,
        *("-c", "protocol.file.allow=always", "fetch", "--quiet", "--no-tags"),
        *("--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance"),
        *(str(bench.folder), "parcel"),
    )


def mark(service: Checkout, merged: Merged) -> None:
    """Write the sides of each conflict into the index, so that Git knows it is not resolved."""
    paths = [service.prefix + each.path for each in merged.conflicts]
    sides = "".join(
        f"{entry.mode} {entry.blob} {side}\t{service.prefix}{each.path}\0"
        for each in merged.conflicts
        for side, entry in each.sides.items()
    )
    if paths:
        removed = "".join(f"{path}\0" for path in paths)
        git(service.top, "update-index", "-z", "--force-remove", "--stdin", given=removed)
        git(service.top, "update-index", "-z", "--index-info", given=sides)

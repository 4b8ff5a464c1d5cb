"""Writes a finished update into the service, all at once as far as Git can."""

from dataclasses import replace

from drydock.errors import Refused
from drydock.git import GitError, git, lines
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
        if path in known:
            continue
        file = service.folder / path
        taken = next(
            (each for each in reversed(file.parents) if each.exists() and not each.is_dir()), None
        ) or (file if file.exists() or file.is_symlink() else None)
        tracked = taken and str(taken.relative_to(service.folder)) in known
        if taken and not tracked:
            raise Refused(
                f"{str(taken.relative_to(service.folder))!r} is in the way: the update brings a "
                "file there, and Git does not track yours. Move it, and run this again."
            )


def apply(service: Checkout, bench: Bench, merged: Merged, tree: str, version: str) -> None:
    """Bring the service's tree, and its index, to what the update made.

    What merged is staged, and a conflict is unmerged in the index, as `git merge` leaves it. Before
    the first file changes, the journal knows how to go back.

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
        journal.write(service, begun)
        move(service, begun, whole)
        mark(service, merged)
        journal.write(service, replace(begun, complete=True))
    except GitError as error:
        raise Refused(f"Git cannot write the update ({error}).") from error


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


def move(service: Checkout, begun: Journal, whole: str) -> None:
    """Have Git change the files; where it refuses it has changed none."""
    try:
        git(service.top, "read-tree", "-m", "-u", begun.before, whole)
    except GitError:
        journal.restore(service, begun)
        service.private(journal.NAME).unlink(missing_ok=True)
        raise


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

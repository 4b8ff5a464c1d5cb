"""What an update is about to write, kept below `.git` until it is committed or taken back.

Git itself moves the tree from one commit's files to the others', so a file is never half-written.
Whatever ends the command, power cuts included, the journal names the commit to go back to.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from pathlib import Path

from drydock.errors import Refused
from drydock.git import GitError, git, lines
from drydock.staging import undisturbed
from drydock.update.service import Checkout


@dataclass(frozen=True)
class Journal:
    """An update that was begun: from which commit, to which release, and which files it changes."""

    before: str
    version: str
    paths: tuple[str, ...]
    complete: bool = False


def file_of(service: Checkout) -> Path:
    """Give the path of the journal; a repository with many services has many."""
    return service.private(f"drydock/{service.prefix}update.json")


def read(service: Checkout) -> Journal | None:
    """Read the journal of an update that was neither committed nor taken back."""
    file = file_of(service)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        journal = Journal(**found | {"paths": tuple(found["paths"])})
    except FileNotFoundError:
        return None
    except (OSError, TypeError, KeyError, ValueError) as error:
        raise Refused(
            f"the journal of the last update cannot be read ({error}): "
            f"look at `git status`, then remove {str(file)!r}."
        ) from error
    if journal.complete and journal.before != service.head:
        file.unlink(missing_ok=True)  # it was committed
        return None
    return journal


def write(service: Checkout, journal: Journal) -> None:
    """Write the journal, in one step, and on the disk before anything else happens."""
    file = file_of(service)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(asdict(journal), stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def remove(service: Checkout) -> None:
    """Forget the journal."""
    file_of(service).unlink(missing_ok=True)


def check_none(service: Checkout) -> None:
    """Refuse to begin while an update is half-applied.

    Raises:
        Refused: naming the way back.
    """
    journal = read(service)
    if journal is not None and not journal.complete:
        check_head(service, journal)
        raise Refused(
            f"the update to {journal.version} was interrupted: "
            "run `drydock update --abort`, which brings back the tree before it."
        )


def check_head(service: Checkout, journal: Journal) -> None:
    """Refuse to go back where commits came since the update began.

    Raises:
        Refused: naming the way on.
    """
    if journal.before != service.head:
        raise Refused(
            f"the repository has moved on since the update to {journal.version} was interrupted: "
            f"see that `git diff {journal.before[:12]}` shows what you want, "
            f"then remove {str(file_of(service))!r}."
        )


def abort(service: Checkout) -> Journal:
    """Bring back every file that the update wrote, as the commit before it has it.

    What the update did not write is left alone, uncommitted work in other files too.

    Raises:
        Refused: when there is no update to take back, or it is committed by now.
    """
    journal = read(service)
    if journal is None:
        raise Refused(
            "there is no update to take back: it was committed (`git revert` takes a commit back), "
            "or never begun."
        )
    check_head(service, journal)
    if not journal.complete:
        service.private("index.lock").unlink(missing_ok=True)  # of a process that was killed
    try:
        with undisturbed():
            # Going back may be interrupted too.
            write(service, replace(journal, complete=False))
            restore(service, journal)
            remove(service)
    except (GitError, OSError) as error:
        raise Refused(f"Git cannot bring the tree back ({error}).") from error
    return journal


def restore(service: Checkout, journal: Journal) -> None:
    """Give index and work tree the files of the commit before, and remove those it has not."""
    paths = "".join(f":(literal){path}\0" for path in journal.paths)
    if not paths:
        return
    from_input = ("--pathspec-from-file=-", "--pathspec-file-nul")
    git(service.top, "reset", "--quiet", journal.before, *from_input, given=paths)
    listed = git(service.top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", journal.before)
    known = set(lines(listed))
    kept = "".join(f":(literal){path}\0" for path in journal.paths if path in known)
    for path in journal.paths:
        if path not in known:
            remove_file(service.top, path)
    if kept:
        no_hooks = ("-c", f"core.hooksPath={os.devnull}")
        checkout = ("checkout", "--quiet", journal.before, *from_input)
        git(service.top, *no_hooks, *checkout, given=kept)


def remove_file(top: Path, path: str) -> None:
    """Remove a file, and the folders that are empty without it.

    Where the update had not come yet, there may be a folder in its place, or a link in its way.
    """
    file = top / path
    folders = list(takewhile(lambda folder: folder != top, file.parents))
    if not all(folder.is_dir() and not folder.is_symlink() for folder in folders):
        return
    if file.is_symlink() or not file.is_dir():
        file.unlink(missing_ok=True)
    for folder in folders:
        if any(folder.iterdir()):
            return
        folder.rmdir()

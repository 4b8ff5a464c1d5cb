"""The repository of a template, fetched once for all versions; Copier does it for each."""

import os
from pathlib import Path

from copier._vcs import _get_or_create_mirror, _is_remote, get_repo
from plumbum import ProcessExecutionError

from drydock.errors import Refused
from drydock.git import GitError, git
from drydock.rendering import unloadable
from drydock.source import Source

# Neither the user's hooks nor those of their Git's template run in a clone.
QUIETLY = ("-c", f"core.hooksPath={os.devnull}")


def fetch(location: str, folder: Path) -> None:
    """Clone a template's repository into a folder, all its versions, and check out nothing.

    Raises:
        Refused: when it is none, or cannot be reached.
    """
    try:
        address = get_repo(location)
        if address is None:
            raise Refused(f"the template {location!r} is no Git repository, so it has no versions.")
        # Like Copier itself: of a remote one a mirror is kept, and brought up to date.
        near = _get_or_create_mirror(address) if _is_remote(address) else address
        options = ("--quiet", "--shared", "--no-checkout")
        git(folder.parent, *QUIETLY, "clone", *options, "--", str(near), str(folder))
    except ProcessExecutionError as error:
        raise unloadable(Source(location, None), error) from error
    except GitError as error:
        raise Refused(f"the template {location!r} cannot be fetched ({error}).") from error


def check_out(location: str, clone: Path, commit: str, folder: Path) -> None:
    """Check out a commit of a fetched template in a folder of its own.

    Raises:
        Refused: when Git cannot.
    """
    try:
        git(clone, *QUIETLY, "worktree", "add", "--quiet", "--detach", str(folder), commit)
        if (folder / ".gitmodules").is_file():
            git(folder, *QUIETLY, "submodule", "--quiet", "update", "--init", "--recursive")
    except GitError as error:
        raise Refused(f"the template {location!r} cannot be checked out ({error}).") from error

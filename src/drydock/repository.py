"""The Git repository of a new service, with its first commit."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock.errors import Refused
from drydock.git import GitError, git

# Set inside a hook, these would point Git, and Copier, at the repository that runs the hook.
OUTER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")


def check_git() -> None:
    """Refuse to work without Git: Copier reads the template's version from it.

    Raises:
        Refused: when there is no git on the PATH.
    """
    if shutil.which("git") is None:
        raise Refused(
            "git is not on the PATH: install it (apt install git, brew install git, "
            "or https://git-scm.com)."
        )
    for name in OUTER_REPOSITORY:
        os.environ.pop(name, None)


def create(folder: Path) -> None:
    """Make the repository; its branch is the one that the user's Git is set to, or `main`.

    Raises:
        Refused: when Git fails.
    """
    branch = [] if setting(folder, "init.defaultBranch") else ["--initial-branch=main"]
    run(folder, "init", *branch)


def commit(folder: Path, message: str, answers: Mapping[str, Any]) -> None:
    """Commit everything, as the author of the answers where the user's Git knows nobody.

    Nothing is signed and no hook runs: either could ask or fail where nobody looks.

    Raises:
        Refused: when Git fails.
    """
    author = str(answers.get("author_name", ""))
    environment = dict(os.environ)
    for role in ("AUTHOR", "COMMITTER"):
        if not setting(folder, "user.name"):
            # Git refuses a name without a letter or digit.
            name = author if re.search(r"\w", author) else "drydock"
            environment.setdefault(f"GIT_{role}_NAME", name)
        if not setting(folder, "user.email"):
            environment.setdefault(f"GIT_{role}_EMAIL", str(answers.get("author_email", "")))
    run(folder, "add", "--all")
    run(folder, "commit", "--no-verify", "--no-gpg-sign", "-m", message, environment=environment)


def setting(folder: Path, name: str) -> str:
    """Read a setting of the user's Git; empty when it is not set."""
    try:
        return git(folder, "config", "--get", name).strip()
    except GitError:
        return ""


def run(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run Git in a new service.

    Raises:
        Refused: with its last words, when it fails.
    """
    try:
        git(folder, *arguments, environment=environment)
    except GitError as error:
        raise Refused(
            f"git {arguments[0]} failed ({error}): "
            "mend that, or leave the repository out with --no-git."
        ) from error

"""Git, called as the program that the user has."""

import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from drydock.errors import one_line


class GitError(Exception):
    """Git ended with an error; the message is what it said, in one line."""


def git(
    folder: Path,
    *arguments: str,
    given: bytes | str | None = None,
    environment: Mapping[str, str] | None = None,
    expected: Collection[int] = (0,),
) -> str:
    """Run Git in a folder, with `given` as its input and variables on top of the environment.

    Returns:
        What it printed; bytes that are no UTF-8 are surrogates, so that they can be given back.

    Raises:
        GitError: when it ends with an exit code that is not `expected`.
    """
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=os.environ | {"LC_ALL": "C"} | dict(environment or {}),
        input=given.encode(errors="surrogateescape") if isinstance(given, str) else given or b"",
        capture_output=True,
        check=False,
    )
    if done.returncode not in expected:
        raise GitError(one_line((done.stderr or done.stdout).decode(errors="replace")))
    return done.stdout.decode(errors="surrogateescape")


def lines(text: str) -> list[str]:
    """Part what Git prints with `-z`."""
    return [line for line in text.split("\0") if line]

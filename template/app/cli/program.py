"""Programs that a command calls. Where one is missing or fails, that is a sentence."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path


class ProgramError(Exception):
    """A program could not do its part, so there is no verdict; the message says which and why."""


def call(
    program: str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, whatever its exit code; `cwd` and `env` as in `subprocess`.

    Raises:
        ProgramError: where it is not installed.
    """
    found = shutil.which(program)
    if found is None:
        raise ProgramError(f"{program} is not installed: there is no such program on PATH.")
    return subprocess.run(  # noqa: S603, every word is ours or the name of a tag
        [found, *arguments],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def output_of(
    program: str, *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a program that must succeed, and give what it printed.

    Raises:
        ProgramError: where it is not installed or fails.
    """
    done = call(program, *arguments, cwd=cwd, env=env)
    if done.returncode != 0:
        raise ProgramError(f"`{program} {arguments[0]}` failed: {reason(done.stderr)}")
    return done.stdout


def reason(said: str) -> str:
    """Give what uv and Git call an error, which may go on for lines; or else the last line."""
    error = re.search(r"^(error|fatal): (.+\n?)+", said, re.MULTILINE)
    lines = [error[0]] if error else ["it said nothing", *said.strip().splitlines()]
    return " ".join(lines[-1].split())

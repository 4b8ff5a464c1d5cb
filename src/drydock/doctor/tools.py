"""The programs that every service needs: uv, Git, make."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from drydock.doctor.finding import Finding, failed, ok, warning
from drydock.repository import setting

# Seconds that a program may take to say its version.
SECONDS = 5


def tools(folder: Path) -> Iterator[Finding]:
    """Look at each, and at the name that Git has for who commits in this folder."""
    yield program("uv", "https://docs.astral.sh/uv says how to install it", "pipx install uv")
    git = program("git", "https://git-scm.com says how to install it", "sudo apt install git")
    yield git
    if not git.commands:
        yield identity(folder)
    yield program("make", "install it: it runs the commands of a service", "sudo apt install make")


def program(name: str, remedy: str, command: str) -> Finding:
    """See that a program is on the PATH and runs, and which version it is."""
    found = shutil.which(name)
    if found is None:
        return failed(name, f"is not on the PATH: {remedy}", command)
    try:
        done = subprocess.run(
            [found, "--version"], capture_output=True, text=True, check=True, timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return failed(name, f"{found} does not run: {remedy}", command)
    return ok(name, done.stdout.strip().splitlines()[0])


def identity(folder: Path) -> Finding:
    """See that Git knows who commits."""
    who = {name: setting(folder, f"user.{name}") for name in ("name", "email")}
    if not all(who.values()):
        missing = [name for name, value in who.items() if not value]
        commands = [f'git config --global user.{name} "…"' for name in missing]
        what = " and ".join(missing)
        return warning("Git identity", f"Git does not know your {what} for a commit", *commands)
    return ok("Git identity", f"{who['name']} <{who['email']}>")

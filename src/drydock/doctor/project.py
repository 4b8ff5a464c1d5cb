"""A service's Python, its environment, and its repository."""

import os
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from drydock.doctor.finding import Finding, failed, ok, warning
from drydock.errors import Refused
from drydock.update import service
from drydock.update.checks import STRANGERS

SECONDS = 5


def environment() -> dict[str, str]:
    """Give the variables with which a service's own commands run."""
    return {name: value for name, value in os.environ.items() if name not in STRANGERS}


def venv(folder: Path) -> Path:
    """Say where uv installs a service."""
    return folder / os.environ.get("UV_PROJECT_ENVIRONMENT", ".venv")


def project(folder: Path, *, has_uv: bool, python_of_answers: str) -> Iterator[Finding]:
    """Look at what pyproject.toml asks for."""
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        asked: dict[str, Any] = tomllib.loads(text).get("project", {})
        wanted = SpecifierSet(asked.get("requires-python", ""))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidSpecifier) as error:
        yield failed(
            "pyproject.toml", f"cannot be read ({error})", "git checkout HEAD -- pyproject.toml"
        )
        return
    found = installed_python(folder)
    if found:
        yield python(found, wanted, f"uv sync --python {python_of_answers}".strip())
    elif has_uv:
        yield available_python(folder, wanted, python_of_answers)
    if has_uv:
        yield installation(folder)


def installed_python(folder: Path) -> str:
    """Read the version of Python in a service's environment; empty where there is none."""
    file = venv(folder) / "pyvenv.cfg"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    settings = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return settings.get("version_info") or settings.get("version", "")


def python(found: str, wanted: SpecifierSet, command: str) -> Finding:
    """Hold a version of Python against what is wanted."""
    if wanted.contains(found, prereleases=True):
        return ok("Python", f"{found}, and {wanted or 'any'} is asked for")
    return failed("Python", f"{found} is installed, and {wanted} is asked for", command)


def available_python(folder: Path, wanted: SpecifierSet, version: str) -> Finding:
    """See that uv finds a Python for a service that is not installed, without fetching one."""
    command = ["uv", "python", "find", "--offline", "--no-python-downloads", str(wanted) or "3"]
    done = run(command, folder)
    if done is None or done.returncode:
        what = f"uv finds none that is {wanted}"
        return failed("Python", what, f"uv python install {version or wanted}")
    return ok("Python", done.stdout.strip())


def installation(folder: Path) -> Finding:
    """See that the environment holds what uv.lock names."""
    name = "installation"
    if not (folder / "uv.lock").is_file():
        return warning(name, "there is no uv.lock, which says what is installed", "uv sync")
    if not venv(folder).is_dir():
        return warning(name, "it is not installed; `make dev` does that too", "uv sync")
    done = run(["uv", "sync", "--frozen", "--check", "--offline"], folder)
    if done is None or done.returncode:
        return warning(name, "it is not what uv.lock names; `make dev` mends that too", "uv sync")
    return ok(name, "it is what uv.lock names")


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str] | None:
    """Run a program; None where it does not end in time."""
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None


def repository(folder: Path) -> Finding:
    """See that a service is in a repository, and that nothing in it waits to be committed."""
    name = "repository"
    try:
        checkout = service.checkout(folder)
    except Refused as error:
        commands = ("git init", "git add --all", "git commit -m 'Begin'")
        return failed(name, str(error), *commands)
    try:
        service.check_clean(checkout)
    except Refused as error:
        return warning(name, f"an update would be refused: {error}", "git status")
    return ok(name, f"clean, at {checkout.head[:12]}")

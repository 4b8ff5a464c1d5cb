"""Looks at an updated service before its owner has it: lock, imports, lint, migrations.

All of it happens in the copy where the update was merged, with an environment and a database of its
own, so that nothing of the service, and nothing that its settings name, is touched.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MIGRATIONS = "migrations/versions"
SETTING = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=")
# What a shell may hold that would lead a service elsewhere.
STRANGERS = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
# Imports each module, and so whatever is missing or was moved is named: all but the one that builds
# the application, for which databases and brokers have to be named.
IMPORTS = """
import importlib, pkgutil, app
for module in pkgutil.walk_packages(app.__path__, "app."):
    if module.name != "app.asgi":
        importlib.import_module(module.name)
"""
DIFFERS = "New upgrade operations detected"
SECONDS = 900
LAST_LINES = 8


@dataclass(frozen=True)
class Check:
    """What was looked at, what is wrong with it (empty when nothing is), and how to look again.

    `written` names the files that the check brought up to date, to be a part of the update.
    """

    name: str
    problem: str = ""
    again: str = ""
    written: tuple[str, ...] = ()


class Checks:
    """The checks of an updated service that lies in a folder."""

    def __init__(self, folder: Path, place: Path) -> None:
        """Prepare; `place` is where its environment and caches go."""
        self.folder = folder
        self.environment = environment(folder, place)
        self.output = ""

    def all(self) -> Iterator[tuple[str, Callable[[], Check]]]:
        """Give each check with its name; without uv there is none."""
        if shutil.which("uv") is None:
            problem = "uv is not on the PATH: nothing was checked, and uv.lock is the old one"
            yield "uv", lambda: Check("uv", problem, "uv lock && make lint test")
            return
        if (self.folder / "uv.lock").is_file():
            yield "uv.lock", self.lock
        yield "imports", self.imports
        yield "migrations", self.migrations
        yield "lint", self.lint

    def lock(self) -> Check:
        """Bring uv.lock to what pyproject.toml asks for."""
        before = (self.folder / "uv.lock").read_bytes()
        problem = self.problem("uv", "lock", "--quiet")
        changed = before != (self.folder / "uv.lock").read_bytes()
        return Check("uv.lock", problem, "uv lock", ("uv.lock",) if changed else ())

    def imports(self) -> Check:
        """Install the service, and import each of its modules."""
        problem = self.problem("uv", "sync", "--quiet")
        if problem:
            return Check("imports", problem, "uv sync")
        # Development's secrets; a service that was left without the command may need none.
        self.problem("uv", "run", "--no-sync", "app", "env")
        problem = self.problem("uv", "run", "--no-sync", "python", "-c", IMPORTS)
        return Check("imports", problem, "make test")

    def lint(self) -> Check:
        """Run what the service's own CI runs."""
        return Check("lint", self.problem("make", "lint"), "make lint")

    def migrations(self) -> Check:
        """See that the history is one line, and write the migration that the models now need."""
        name, again = "migrations", 'uv run app db migrate "update"'
        if problem := self.problem("uv", "run", "--no-sync", "alembic", "heads"):
            return Check(name, problem, "uv run alembic heads")
        heads = [line for line in self.output.splitlines() if "(head)" in line]
        if len(heads) > 1:
            many = f"{len(heads)} heads, where one is meant to be"
            return Check(name, many, "uv run alembic merge heads")
        if problem := self.problem("uv", "run", "--no-sync", "app", "db", "upgrade"):
            return Check(name, problem, "uv run app db upgrade")
        if not (problem := self.problem("uv", "run", "--no-sync", "alembic", "check")):
            return Check(name)
        if DIFFERS not in self.output:
            return Check(name, problem, "uv run alembic check")
        before = self.revisions()
        command = ("uv", "run", "--no-sync", "app", "db", "migrate", "template update")
        problem = self.problem(*command)
        written = sorted(self.revisions() - before)
        return Check(name, problem, again, tuple(written))

    def revisions(self) -> set[str]:
        """Name the migrations that are there."""
        return {f"{MIGRATIONS}/{path.name}" for path in (self.folder / MIGRATIONS).glob("*.py")}

    def problem(self, *command: str) -> str:
        """Run a command, and say why it failed; nothing when it went well."""
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError:
            return f"{command[0]} is not on the PATH"
        except subprocess.TimeoutExpired:
            return f"{' '.join(command)} did not end in {SECONDS // 60} minutes"
        self.output = done.stdout.decode(errors="replace")
        return last_words(self.output) if done.returncode else ""


def last_words(output: str) -> str:
    """Give the end of an output, without what make says of it."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith("make:")]
    return "\n".join((telling or lines or ["it said nothing"])[-LAST_LINES:])


def environment(folder: Path, place: Path) -> Mapping[str, str]:
    """Give the environment of a developer whose shell sets nothing for the service.

    A DATABASE_URL of the shell is meant for a database with data in it.
    """
    example = folder / ".env.example"
    listed = settings_in(example.read_bytes()) if example.is_file() else set()
    settings = {"ENVIRONMENT", "SECRETS_DIR", *listed}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() not in settings | STRANGERS and not name.startswith("GIT_")
    }
    secrets = place / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    return kept | {
        "ENVIRONMENT": "development",
        # No server has this name (RFC 2606): one that listens here has the developer's data.
        "PGHOST": "none.invalid",
        "SECRETS_DIR": str(secrets),
        "UV_PROJECT_ENVIRONMENT": str(place / "venv"),
        "MYPY_CACHE_DIR": str(place / "mypy"),
        "RUFF_CACHE_DIR": str(place / "ruff"),
    }


def settings_in(content: bytes) -> set[str]:
    """Name the settings that an `.env.example` lists, those that are commented out too."""
    text = content.decode(errors="replace")
    return {found[1] for line in text.splitlines() if (found := SETTING.match(line))}

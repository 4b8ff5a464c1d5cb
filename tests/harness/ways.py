"""The ways in which the owner of a service updates it.

Each brings it to the newest release, with these answers, and leaves what it wrote uncommitted: the
files, and the migration that the models need now. It gives what it found wrong with them.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from tests.harness.process import attempt
from tests.harness.releases import update
from tests.harness.service import Service

Way = Callable[[Service, Mapping[str, Any]], str]


def with_copier(service: Service, answers: Mapping[str, Any]) -> str:
    """Run plain Copier, which looks at nothing, and write the migration as the changelog says."""
    update(service.path, answers)
    service.run("uv", "sync", "--quiet")
    if service.attempt("uv", "run", "--no-sync", "alembic", "check").code != 0:
        service.run("uv", "run", "--no-sync", "app", "db", "migrate", "update")
    return ""


def with_command(service: Service, answers: Mapping[str, Any]) -> str:
    """Run `drydock update`, which writes the migration itself and looks at what comes out."""
    given = [part for name, value in answers.items() for part in ("-d", f"{name}={value}")]
    command = [sys.executable, "-m", "drydock", "update", str(service.path), "--defaults", *given]
    done = attempt(command, cwd=service.path.parent, env=service.env)
    assert done.code in {0, 1}, done.output
    return done.output if done.code else ""

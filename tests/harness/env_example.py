"""`.env.example` against what a service reads: the same keys, but for what is no setting."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.harness.process import environment, run

EXAMPLE = ".env.example"
KEY = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]*)=", re.MULTILINE)
# Other packages may keep their compiled modules; the tree stays as it was rendered.
FIELDS = """
import json, sys
import pydantic_settings
sys.dont_write_bytecode = True
from app.core.settings import Settings
print(json.dumps([name.upper() for name in Settings.model_fields]))
"""
# Variables that are read and are no setting, and why.
NO_SETTING = {
    "CONTRACT_EXAMPLES": "for one test, which says how much it asks: the service reads it never",
    "ADMIN_PASSWORD": "for one command, which asks where it is not set: it belongs in no file",
    "PGHOST": "where development looks for a server, by libpq's own name",
    "PGPORT": "where development looks for a server, by libpq's own name",
    "PGUSER": "as whom development asks a server, by libpq's own name",
    "PORT": "where the server listens, as platforms say it: an option of one command",
    "RABBITMQ_HOST": "where development looks for a server",
    "RABBITMQ_PORT": "where development looks for a server",
    "REDIS_HOST": "where development looks for a server",
    "REDIS_PORT": "where development looks for a server",
    "SECRETS_DIR": "says where settings are read, so it cannot be one",
}


def faults(tree: Path, place: Path) -> Iterator[str]:
    """Give the keys that only the example has, that it lacks, and variables read past it.

    Raises:
        CommandError: where the settings of the tree cannot be imported.
    """
    fields, listed = settings(tree, place), keys(tree)
    for key in sorted(listed - fields):
        yield f"{EXAMPLE}: no setting reads {key}"
    for key in sorted(fields - listed):
        yield f"{EXAMPLE}: lacks the setting {key}"
    for variable, file in read_past(tree):
        if variable not in fields | NO_SETTING.keys():
            yield f"{file}: reads {variable}, which is no setting"


def keys(tree: Path) -> set[str]:
    """Read the keys of the example, those in comments too."""
    return set(KEY.findall((tree / EXAMPLE).read_text(encoding="utf-8")))


def settings(tree: Path, place: Path) -> set[str]:
    """Ask the settings class itself, in the environment at `place`, which variables it reads."""
    output = run([str(place / "bin/python"), "-c", FIELDS], cwd=tree, env=environment({}))
    return set(json.loads(output.splitlines()[-1]))


def read_past(tree: Path) -> Iterator[tuple[str, str]]:
    """Find variables that code reads by itself: (variable, file)."""
    for path in sorted(tree.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case (
                    ast.Call(
                        func=ast.Attribute(
                            value=ast.Attribute(attr="environ"), attr="get" | "pop" | "setdefault"
                        )
                        | ast.Attribute(attr="getenv"),
                        args=[ast.Constant(value=str(name)), *_],
                    )
                    | ast.Subscript(
                        value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))
                    )
                    | ast.keyword(arg="envvar", value=ast.Constant(value=str(name)))
                ):
                    yield name, path.relative_to(tree).as_posix()

"""Writes which settings a service has, from its settings classes and its `.env.example`.

The classes are read and not imported: nothing of a service is installed to write its documentation.
"""

import ast
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.harness.variants import series_of, snapshot

HEAD = """# Settings

What may be set of a service from outside. Written by `make docs` from the settings classes of
services (`app/core/settings/`) and from what their `.env.example` says: edit it there. Where a
remark is ″, the one above speaks of this setting too.

The first that knows a setting wins: the environment, then the file `.env`, then a folder with a
file for each, `/run/secrets` or the one that `SECRETS_DIR` names. All of them are checked when the
service starts; what is missing, malformed or not safe is named in one message, and the service does
not start.
"""
COLUMNS = "| setting | may be | default | |\n| --- | --- | --- | --- |\n"
PIPE = "\\|"
LEAST = {"auth": "none", "tasks": "none", "database": "sqlite", "sentry": False, "telemetry": False}
# What brings further ones, beside the least: in the order of the interview.
FURTHER: tuple[dict[str, Any], ...] = (
    {"database": "postgres"},
    {"tasks": "arq"},
    {"auth": "jwt"},
    {"auth": "jwt", "api_keys": True},
    {"sentry": True},
    {"telemetry": True},
)
KEY = re.compile(r"(?:# )?([A-Z][A-Z0-9_]*)=")
# The types that say nothing by their names.
NAMED = {
    "bool": "`true` or `false`",
    "float": "number",
    "int": "whole number",
    "str": "text",
    "Endpoint": "address",
    "Exporters": "names, with commas between",
    "Names": "names, with commas between",
    "Pairs": "secret pairs, with commas between",
    "Rate": "rate, as `600/minute`",
    "SecretStr": "secret text",
    "Secrets": "secret texts, with commas between",
}
LIMITS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}"}


@dataclass(frozen=True)
class Setting:
    """A field of a class: what it may be, and what it is where nobody sets it."""

    kind: str
    default: str


def files(answers: Mapping[str, Any]) -> Mapping[str, str]:
    """Render a service and give its settings."""
    with tempfile.TemporaryDirectory(prefix="drydock-") as folder:
        series = series_of(snapshot(Path(folder)))
        rendered = series.files(Path(folder) / "service", dict(answers), "copy")
    wanted = (".env.example", "app/core/settings/")
    return {
        name: file.content.decode() for name, file in rendered.items() if name.startswith(wanted)
    }


def comments(example: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each remark of `.env.example` with the names of the settings that it is about."""
    said, names = list[str](), list[str]()
    for line in [*example.splitlines(), ""]:
        if found := KEY.match(line):
            names.append(found[1])
            continue
        if names:
            yield " ".join(said), tuple(names)
            said, names = [], []
        said = [*said, line.removeprefix("# ")] if line.startswith("# ") else []


def settings(modules: Mapping[str, str]) -> dict[str, Setting]:
    """Read the fields of the classes, by the names of their variables."""
    trees = [ast.parse(text) for name, text in modules.items() if name.endswith(".py")]
    statements = [statement for tree in trees for statement in tree.body]
    aliases = {
        statement.targets[0].id: statement.value
        for statement in statements
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    classes = [statement for statement in statements if isinstance(statement, ast.ClassDef)]
    enums = {each.name: list(members(each)) for each in classes}
    return {
        field.target.id.upper(): Setting(
            kind_of(field, aliases, enums), default_of(field.value, aliases, enums)
        )
        for each in classes
        if each.name.endswith("Settings")
        for field in each.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    }


def members(enum: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Give the values of an enumeration."""
    for each in enum.body:
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant):
            yield ast.unparse(each.targets[0]), str(each.value.value)


def kind_of(
    field: ast.AnnAssign,
    aliases: Mapping[str, ast.expr],
    enums: Mapping[str, list[tuple[str, str]]],
) -> str:
    """Say what a setting may be.

    Raises:
        LookupError: for a type of which nobody has said what to call it.
    """
    name = ast.unparse(field.annotation).removesuffix(" | None")
    literal = ast.unparse(aliases.get(name, field.annotation))
    if name in NAMED:
        kind = NAMED[name]
    elif enums.get(name):
        kind = ", ".join(f"`{value}`" for _, value in enums[name])
    elif found := re.search(r"Literal\[(.*?)\]", literal):
        kind = ", ".join(f"`{value}`" for value in ast.literal_eval(f"({found[1]},)"))
    else:
        raise LookupError(f"{name}: say in NAMED what to call it")
    return ", ".join([kind, *limits(field.value)])


def limits(value: ast.expr | None) -> Iterator[str]:
    """Say between which numbers a setting may be."""
    for keyword in value.keywords if isinstance(value, ast.Call) else ():
        if keyword.arg in LIMITS:
            yield LIMITS[keyword.arg].format(f"{computed(keyword.value, {}):,}")


def default_of(
    value: ast.expr | None,
    aliases: Mapping[str, ast.expr],
    enums: Mapping[str, list[tuple[str, str]]],
) -> str:
    """Say what a setting is where nobody sets it."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "Field":
        value = next(each.value for each in value.keywords if each.arg == "default")
    known = {name: SimpleNamespace(**dict(values)) for name, values in enums.items()}
    texts = {name: each.value for name, each in aliases.items() if isinstance(each, ast.Constant)}
    about = SimpleNamespace(NAME="the service's `project_slug`")
    assert value is not None, "a setting without a default"
    found = computed(value, {"SecretStr": str, "about": about, **texts, **known})
    if found is None or found in ("", ()):
        return ""
    if found == about.NAME:
        return str(found)
    shown = str(found).lower() if isinstance(found, bool) else str(found)
    return f"`{','.join(found) if isinstance(found, tuple) else shown}`"


def computed(expression: ast.expr, names: Mapping[str, Any]) -> Any:
    """Compute an expression of the template, which is code that the tests of services run."""
    return eval(compile(ast.Expression(expression), "settings", "eval"), {}, dict(names))


@cache
def page() -> str:
    """Write the page: a table for every service, and one for what each answer adds or changes."""
    text = HEAD
    known: dict[str, tuple[str, Setting]] = {}
    for answers in ({}, *FURTHER):
        rendered = files({**LEAST, **answers})
        found = settings(rendered)
        rows = ""
        for said, names in comments(rendered[".env.example"]):
            told = {name: (said, found[name]) for name in names}
            rows += table_rows(said, {name: found[name] for name in told if name not in known})
            changed = {name for name in told if name in known and known[name] != told[name]}
            rows += table_rows(said, {name: found[name] for name in names if name in changed})
            known |= told
        given = " and ".join(f"`{name}={spelled(value)}`" for name, value in answers.items())
        title = f"With {given}" if given else "Every service"
        text += f"\n## {title}\n\n{COLUMNS}{rows}"
    return text


def table_rows(said: str, those: Mapping[str, Setting]) -> str:
    """Write a row for each setting that one remark is about, which stands in the first."""
    rows = ""
    for name, each in those.items():
        rows += f"| `{name}` | {each.kind} | {each.default} | {said.replace('|', PIPE)} |\n"
        said = "″"
    return rows


def spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Feature modules are written once, in domain form; this puts them where the layout wants them.

domain    app/users/service.py     app.users.service
layered   app/services/users.py    app.services.users
"""

import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from types import SimpleNamespace
from typing import Any

from copier_template_extensions import ContextHook
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context

# A role and the package that holds it in the layered layout: page one of the docs.
PACKAGE_OF = {
    "router": "routers",
    "schemas": "schemas",
    "models": "models",
    "repository": "repositories",
    "service": "services",
    "dependencies": "dependencies",
    "errors": "errors",
    "tasks": "tasks",
    "events": "events",
}

# A feature and the answers that bring it.
FEATURES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "users": lambda answers: answers.get("auth") == "jwt",
    "credentials": lambda answers: answers.get("auth") == "jwt",
    "auth": lambda answers: answers.get("auth") == "jwt",
    "audit": lambda answers: answers.get("auth") == "jwt",
    "access": lambda answers: answers.get("auth") == "jwt",
    "administration": lambda answers: answers.get("auth") == "jwt",
    "personal_data": lambda answers: answers.get("auth") == "jwt",
    "api_keys": lambda answers: answers.get("auth") == "jwt" and bool(answers.get("api_keys")),
    "items": lambda answers: bool(answers.get("example")),
}

# The roles of a feature that its line in the registry names, because others have to find them.
REGISTERED = {
    "users": ("router", "models"),
    "credentials": ("router", "models", "tasks"),
    "auth": ("router", "models"),
    "audit": ("router", "models"),
    "access": (),
    "administration": ("router",),
    "personal_data": ("router", "tasks"),
    "api_keys": ("router", "models"),
    "items": ("router", "models"),
}

# Features that query tables of another one, through a repository of their own.
QUERYING = {"administration"}

LINE_LENGTH = 100
FIRST_PARTY = {"app", "tests"}
FEATURE_MODULE = re.compile(rf"\bapp\.({'|'.join(FEATURES)})\.({'|'.join(PACKAGE_OF)})\b")
STATEMENT = re.compile(
    r"^(?:from ([\w.]+) )?import (?:\(([\w\s.,*]*)\)|([\w .,*]+))$", re.MULTILINE
)


class Place(SimpleNamespace):
    """A folder of `app/` that knows its module files: `{{ at.users }}/{{ at.users.service }}.py`.

    `package` is the folder with an `__init__.py` of the feature's own, `tests` the one with its
    tests; a name that is empty drops the path from the output, and `.` leaves it out of the path.
    """

    def __str__(self) -> str:
        return str(self.folder)


def place(feature: str, layout: str, wanted: bool) -> Place:
    """Say where a feature's modules go; nowhere if it is not wanted."""
    if not wanted:
        return Place(folder="", package="", tests="", **dict.fromkeys(PACKAGE_OF, ""))
    if layout == "domain":
        roles = {role: role for role in PACKAGE_OF}
        return Place(folder=feature, package=feature, tests=feature, **roles)
    roles = {role: f"{package}/{feature}" for role, package in PACKAGE_OF.items()}
    return Place(folder=".", package="", tests=feature, **roles)


def relocate(text: str, layout: str) -> str:
    """Say `app.users.service` the way the layout says it."""
    if layout == "domain":
        return text
    return FEATURE_MODULE.sub(lambda found: f"app.{PACKAGE_OF[found[2]]}.{found[1]}", text)


def path(feature: str, role: str, layout: str) -> str:
    """Name the file of a role, as the docs of a service show it."""
    if layout == "domain":
        return f"app/{feature}/{role}.py"
    return f"app/{PACKAGE_OF[role]}/{feature}.py"


def every(role: str, layout: str) -> str:
    """Name a role's modules in all features, as import-linter's wildcards do."""
    return f"app.*.{role}" if layout == "domain" else f"app.{PACKAGE_OF[role]}.*"


def registry(features: list[str], layout: str) -> str:
    """Write the tuple of features that `app/registry.py` holds, a line for each."""
    calls = [
        feature_line(
            [f'{role}="{relocate(f"app.{name}.{role}", layout)}"' for role in REGISTERED[name]]
        )
        for name in features
        if REGISTERED[name]
    ]
    return "(\n" + "".join(calls) + ")" if calls else "()"


def feature_line(arguments: list[str]) -> str:
    """Write a call as ruff does: on one line where it fits, else an argument a line."""
    line = f"    Feature({', '.join(arguments)}),\n"
    if len(line) <= LINE_LENGTH + 1:
        return line
    return "    Feature(\n" + "".join(f"        {each},\n" for each in arguments) + "    ),\n"


class Places(ContextHook):
    """Gives templates `at` (where a feature lives), `features` (those wanted), `registry`,
    and `module()` for a name that is no import.
    """

    def hook(self, context: MutableMapping[str, Any]) -> None:
        layout = context.get("layout", "domain")
        wanted = {feature: test(context) for feature, test in FEATURES.items()}
        context["at"] = SimpleNamespace(
            **{feature: place(feature, layout, wanted[feature]) for feature in FEATURES}
        )
        context["features"] = [feature for feature in FEATURES if wanted[feature]]
        context["module"] = lambda feature, role: relocate(f"app.{feature}.{role}", layout)
        context["modules"] = lambda role: every(role, layout)
        context["path"] = lambda feature, role: path(feature, role, layout)
        context["with_repository"] = QUERYING | {
            name for name in REGISTERED if "models" in REGISTERED[name]
        }
        context["registry"] = registry(context["features"], layout)


def member_order(name: str) -> tuple[int, str]:
    """Sort imported names as isort does: constants, then classes, then the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name


def formatted(module: str, names: list[str]) -> str:
    """Write one `from` import as ruff does: on one line where it fits, else a name a line."""
    names = sorted(names, key=member_order)
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= LINE_LENGTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def tidy(text: str) -> str:
    """Order import statements as ruff's isort does, and drop what conditions left blank.

    Raises:
        ValueError: for a line that is not a plain import statement.
    """
    if left := STATEMENT.sub("", text).strip():
        raise ValueError(f"not an import statement: {left.splitlines()[0]!r}")
    groups: list[list[tuple[bool, str, str]]] = [[], [], []]
    for found in STATEMENT.finditer(text):
        module, wrapped, plain = found.groups()
        names = [name.strip() for name in (wrapped or plain).split(",") if name.strip()]
        is_from = module is not None
        for name, line in (
            [(module, formatted(module, names))]
            if is_from
            else [(name, f"import {name}") for name in names]
        ):
            root = name.split(".")[0].split(" ")[0]
            group = 0 if root in sys.stdlib_module_names else 2 if root in FIRST_PARTY else 1
            groups[group].append((is_from, name, line))
    return "\n\n".join("\n".join(line for *_, line in sorted(group)) for group in groups if group)


class Imports(Extension):
    """`{% imports %}`: import statements in domain form, moved to the layout and sorted."""

    tags = {"imports"}  # noqa: RUF012, the base class declares it so

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endimports",), drop_needle=True)
        call = self.call_method("_imports", [nodes.ContextReference()])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _imports(self, context: Context, caller: Callable[[], str]) -> str:
        return tidy(relocate(caller(), context["layout"])) + "\n"

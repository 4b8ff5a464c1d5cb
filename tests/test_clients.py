"""The OpenAPI document is valid, and clients can be generated from it and used without an edit."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness import clients
from tests.harness.clients import Runnable
from tests.harness.process import environment, run
from tests.harness.variants import render_in_series

FULL: dict[str, Any] = {"database": "sqlite", "tasks": "none", "auth": "jwt", "example": True}
SERVICES: dict[str, dict[str, Any]] = {
    "full": FULL,
    "full-layered": FULL | {"layout": "layered"},
    "bare": FULL | {"auth": "none", "example": False},
    "bare-layered": FULL | {"auth": "none", "example": False, "layout": "layered"},
}
# What the clients are generated from: the layout does not show in a document.
DOCUMENTS = ("full", "bare")
VERBS = {"change", "create", "delete", "list", "log", "patch", "read", "register"}
VERBS |= {"end", "export", "refresh", "request", "reset", "rotate", "verify"}
METHODS = {"get", "post", "put", "patch", "delete"}
USAGE = {
    "bare": """
import sys

from client import Client
from client.api.health import live
from client.models import Health

health = live.sync(client=Client(sys.argv[1], raise_on_unexpected_status=True))
assert isinstance(health, Health)
assert health.status == "ok"
""",
    "full": """
import sys

from client import AuthenticatedClient, Client
from client.api.auth import log_in
from client.api.items import create_item, delete_item, list_items, patch_item
from client.api.users import read_me, register_user
from client.models import Credentials, ItemCreate, ItemPatch, ItemPublic, PageItemPublic
from client.models import Token, UserPublic, UserRegister

EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
stranger = Client(sys.argv[1], raise_on_unexpected_status=True)
assert register_user.sync_detailed(
    client=stranger, body=UserRegister(EMAIL, PASSWORD)
).status_code == 202
token = log_in.sync(client=stranger, body=Credentials(EMAIL, PASSWORD))
assert isinstance(token, Token)
caller = AuthenticatedClient(sys.argv[1], token.access_token, raise_on_unexpected_status=True)
me = read_me.sync(client=caller)
assert isinstance(me, UserPublic) and me.email == EMAIL and me.role == "user"
item = create_item.sync(client=caller, body=ItemCreate("A title", note="A note"))
assert isinstance(item, ItemPublic)
# What is not said is not sent: the title stays.
patched = patch_item.sync(item.id, client=caller, body=ItemPatch(note=None))
assert isinstance(patched, ItemPublic)
assert (patched.title, patched.note) == ("A title", None)
page = list_items.sync(client=caller, limit=1)
assert isinstance(page, PageItemPublic) and page.rows == [patched] and page.next_ is None
assert delete_item.sync_detailed(item.id, client=caller).status_code == 204
""",
}
USAGE_TS = """
import type { components, operations } from "./api";

type Body<T extends keyof operations, S extends number> =
  operations[T]["responses"] extends { [K in S]: { content: { "application/json": infer B } } }
    ? B
    : never;

const item: components["schemas"]["ItemCreate"] = { title: "A title" };
const patch: components["schemas"]["ItemPatch"] = { note: null };
const page: Body<"list_items", 200> = { rows: [], next: null };
const id: operations["read_item"]["parameters"]["path"]["item_id"] = "an id";
// @ts-expect-error A title is text: the types are no `any`.
const wrong: components["schemas"]["ItemCreate"] = { title: 1 };
// @ts-expect-error A list is of rows.
const empty: Body<"list_items", 200> = {};

export const used = [item, patch, page, id, wrong, empty];
"""


@pytest.fixture(scope="module")
def services(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Runnable]:
    home = tmp_path_factory.mktemp("clients")
    named = {"project_name": "Harbour Desk"}
    return {
        name: clients.runnable(render_in_series(named | answers, home / name, template))
        for name, answers in SERVICES.items()
    }


@pytest.fixture(scope="module")
def documents(services: dict[str, Runnable]) -> dict[str, Path]:
    return {name: clients.document(service) for name, service in services.items()}


def operations(document: Path) -> list[dict[str, Any]]:
    paths = json.loads(document.read_text(encoding="utf-8"))["paths"]
    return [operation for item in paths.values() for operation in item.values()]


def functions(tree: Path) -> Iterator[str]:
    """Name the functions of a service that answer requests."""
    for module in (tree / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and any(
                isinstance(each, ast.Call)
                and isinstance(each.func, ast.Attribute)
                and each.func.attr in METHODS
                and isinstance(each.func.value, ast.Name)
                and each.func.value.id == "router"
                for each in node.decorator_list
            ):
                yield node.name


@pytest.mark.parametrize("name", ["full", "bare"])
def test_the_layout_does_not_show_in_the_document(name: str, documents: dict[str, Path]) -> None:
    assert documents[name].read_text() == documents[f"{name}-layered"].read_text()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_valid(name: str, documents: dict[str, Path]) -> None:
    assert clients.invalid(documents[name]) == ""


@pytest.mark.parametrize("name", SERVICES)
def test_an_operation_is_called_as_its_function_by_a_verb(
    name: str, services: dict[str, Runnable], documents: dict[str, Path]
) -> None:
    found = operations(documents[name])
    names = [operation["operationId"] for operation in found]
    assert sorted(names) == sorted(functions(services[name].tree))
    assert len(set(names)) == len(names)
    for operation in found:
        verb, *words = operation["operationId"].split("_")
        if operation["tags"] != ["health"]:
            assert verb in VERBS, operation["operationId"]
            assert words, operation["operationId"]
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_python_client_is_generated_without_a_warning_and_can_be_used(
    name: str, services: dict[str, Runnable], documents: dict[str, Path], tmp_path: Path
) -> None:
    assert clients.python_client(documents[name], tmp_path) == ""
    for operation in operations(documents[name]):
        (tag,) = operation["tags"]
        place = tmp_path / "client" / "api" / tag.replace(" ", "_")
        assert (place / f"{operation['operationId']}.py").is_file()
    (tmp_path / "usage.py").write_text(USAGE[name], encoding="utf-8")
    assert clients.badly_typed(tmp_path) == ""
    python = str(clients.generators() / "bin" / "python")
    with services[name].serving() as address:
        run([python, "usage.py", address], cwd=tmp_path, env=environment({}), seconds=60)


@pytest.mark.needs("node")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_typescript_client_is_generated_and_compiles(
    name: str, documents: dict[str, Path], tmp_path: Path
) -> None:
    assert clients.typescript_client(documents[name], tmp_path) == ""
    usage = USAGE_TS if name == "full" else 'export type { operations } from "./api";\n'
    (tmp_path / "usage.ts").write_text(usage, encoding="utf-8")
    assert clients.badly_typed_typescript(tmp_path) == ""


# ---------------------------------------------------------------- the checks themselves


def broken(document: Path, folder: Path, **schema: Any) -> Path:
    """Give a document in which the title of a new item has another schema."""
    read = json.loads(document.read_text(encoding="utf-8"))
    read["components"]["schemas"]["ItemCreate"]["properties"]["title"] = schema
    path = folder / "broken.json"
    path.write_text(json.dumps(read), encoding="utf-8")
    return path


def test_a_default_that_the_limits_refuse_is_seen(
    documents: dict[str, Path], tmp_path: Path
) -> None:
    path = broken(documents["full"], tmp_path, type="string", minLength=1, default="")
    assert "should be non-empty" in clients.invalid(path)


def test_what_the_generator_for_python_passes_over_is_seen(
    documents: dict[str, Path], tmp_path: Path
) -> None:
    path = broken(documents["full"], tmp_path, **{"$ref": "elsewhere.json"})
    assert "Warning" in clients.python_client(path, tmp_path)


@pytest.mark.needs("node")
def test_what_is_badly_typed_is_seen(documents: dict[str, Path], tmp_path: Path) -> None:
    path = broken(documents["full"], tmp_path, type="integer")
    assert clients.python_client(path, tmp_path) == ""
    (tmp_path / "usage.py").write_text(USAGE["full"], encoding="utf-8")
    assert 'Argument 1 to "ItemCreate"' in clients.badly_typed(tmp_path)
    assert clients.typescript_client(path, tmp_path) == ""
    (tmp_path / "usage.ts").write_text(USAGE_TS, encoding="utf-8")
    assert "usage.ts(9," in clients.badly_typed_typescript(tmp_path)


def test_the_lock_has_sums_and_not_where_packages_come_from() -> None:
    pinned = json.loads((clients.PINS / "package.json").read_text())["devDependencies"]
    packages = json.loads((clients.PINS / "package-lock.json").read_text())["packages"]
    for name, version in pinned.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for name, entry in packages.items():
        assert not name or entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry
    pins = (clients.PINS / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in pins

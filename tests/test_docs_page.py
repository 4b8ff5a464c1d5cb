"""The docs page of a service, in a browser: it works under its policy, with no other host."""

import json
from pathlib import Path

import httpx2
import pytest

from tests.harness.background import telling
from tests.harness.browser import Try, look_at_docs
from tests.harness.servers import sqlite_database
from tests.harness.service import Service
from tests.harness.variants import render

PASSWORD = "correct horse battery"
ITEMS = "/api/v1/items"
ITEM = {"title": "A mast", "note": "of pine"}
WITHOUT_SERVERS = {"project_name": "Harbour Desk", "database": "sqlite", "tasks": "none"}


def operations(document: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    """Give what an OpenAPI document has, as `GET /health/live`."""
    return sorted(
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    )


@pytest.mark.needs("node")
@pytest.mark.parametrize(
    ("answers", "email"),
    [
        ({"auth": "jwt", "layout": "domain"}, "ada@example.com"),
        ({"auth": "none", "layout": "layered"}, None),
    ],
    ids=["accounts", "open"],
)
def test_docs_show_and_try_every_operation_with_nothing_from_another_host(
    answers: dict[str, str], email: str | None, template: Path, tmp_path: Path
) -> None:
    path = render(WITHOUT_SERVERS | answers, tmp_path / "service", template)
    with sqlite_database(tmp_path / "data") as url:
        service = Service(path, url)
        service.run("uv", "sync", "--quiet", "--no-dev")
        service.env["UV_NO_DEV"] = "1"
        service.run("uv", "run", "app", "db", "upgrade")
        with service.serving() as (address, server), telling(server):
            document = httpx2.get(f"{address}/openapi.json").json()
            tries = [Try("post", ITEMS, ITEM), Try("get", ITEMS)]
            account = (email, PASSWORD) if email else None
            seen = look_at_docs(address, tmp_path, tries, account)

    assert seen.violations == []
    assert seen.errors == []
    assert [asked for asked in seen.requests if not asked.startswith(f"{address}/")] == []
    assert sorted(seen.operations) == operations(document)
    assert len(seen.operations) > 5
    registered = ["202"] if email else []
    assert [answer["status"] for answer in seen.answers] == [*registered, "201", "200"]
    made, listed = (json.loads(answer["body"]) for answer in seen.answers[-2:])
    assert made.items() >= ITEM.items()
    assert listed["rows"] == [made]

"""The HTTP surface over the wire, for both layouts and both databases: storms, and what guards it.

Many requests at once that want one effect have it once, and nothing fails.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.harness.paths import ROOT
from tests.harness.service import Service, database_for
from tests.harness.storms import API, served, set_to, storm, successes
from tests.harness.variants import both_layouts, render

AT_ONCE, AT_ONCE_IN_PROOF = 200, 2000
FEATURES = """from app.core.feature import Feature

FEATURES = (Feature(router="app.counter.router", models="app.counter.models"),)
"""


# Nothing that has no part in it.
VARIANTS = both_layouts(example=True, tasks="none", auth="none")


@pytest.fixture(scope="module", params=VARIANTS, ids=lambda variant: str(variant["database"]))
def service(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Install a service that has a counter beside its items, added the way its owner would."""
    place = tmp_path_factory.mktemp("storm")
    path = render(request.param.data(), place / "service", template)
    shutil.copytree(ROOT / "tests/harness/counter", path / "app/counter")
    (path / "app/features.py").write_text(FEATURES, encoding="utf-8")
    with database_for(request.param, place / "data") as url:
        service = Service(path, url)
        service.run("uv", "sync", "--quiet")
        service.run("uv", "run", "app", "db", "upgrade")
        service.run("uv", "run", "app", "db", "migrate", "counter")
        service.run("uv", "run", "app", "db", "upgrade")
        yield service


def test_of_many_at_once_one_has_the_effect(
    service: Service, request: pytest.FixtureRequest
) -> None:
    times = AT_ONCE_IN_PROOF if request.config.getoption("proof") else AT_ONCE
    raised = {"RATE_LIMIT_ADDRESS": "1000000/minute", "REQUEST_TIMEOUT": "120"}
    with (
        served(service, raised) as address,
        httpx2.Client(base_url=address + API, timeout=60) as client,
    ):
        key = {"Idempotency-Key": "the-one"}
        made = successes(
            asyncio.run(storm(address, times, "POST", "/items", json={"title": "One"}, headers=key))
        )
        assert len({answer.content for answer in made}) == 1
        assert [a.headers.get("idempotent-replayed") for a in made].count(None) <= 1
        rows = client.get("/items").json()["rows"]
        assert [row["title"] for row in rows] == ["One"]

        item = f"/items/{rows[0]['id']}"
        seen = {"If-Match": client.get(item).headers["etag"]}
        changed = successes(
            asyncio.run(
                storm(address, times, "PATCH", item, json={"note": "changed"}, headers=seen)
            )
        )
        assert len(changed) == 1

        counter = f"/counters/{client.post('/counters').json()['id']}"
        counted = successes(
            asyncio.run(
                storm(address, times, "POST", f"{counter}/increments", params={"version": 0})
            )
        )
        assert len(counted) == 1
        assert client.get(counter).json()["value"] == 1


def test_where_strangers_come_it_is_guarded(service: Service) -> None:
    guarded = {
        "ENVIRONMENT": "production",
        "ALLOWED_HOSTS": "api.example.com",
        "CORS_ORIGINS": "https://app.example.com",
        "TRUSTED_PROXIES": "127.0.0.1",
        "MAX_BODY_SIZE": "10000",
        "REQUEST_TIMEOUT": "1",
        "RATE_LIMIT_ADDRESS": "30/minute",
    }
    named = {"Host": "api.example.com"}
    with (
        served(service, guarded) as address,
        httpx2.Client(base_url=address, headers=named, timeout=30) as client,
    ):
        assert client.get("/nowhere", headers={"Host": "evil.example"}).status_code == 400
        for path in ("/docs", "/openapi.json"):
            hidden = client.get(path, headers={"X-Request-ID": "edge-1"})
            assert (hidden.status_code, hidden.headers["x-request-id"]) == (404, "edge-1")
            assert "strict-transport-security" in hidden.headers
        for origin, allowed in (("https://app.example.com", True), ("https://evil.example", False)):
            answer = client.get("/nowhere", headers={"Origin": origin})
            assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
            assert "access-control-allow-credentials" not in answer.headers
        assert client.post(f"{API}/items", content=b"x" * 10_001).status_code == 413
        note = {"title": "Long", "note": "keel " * 1000}
        made = client.post(f"{API}/items", json=note)
        assert (made.status_code, made.headers["content-encoding"]) == (201, "gzip")
        slow = client.get(f"{API}/counters/slow")
        assert (slow.status_code, slow.json()["code"]) == (503, "took_too_long")
        old = client.get(f"{API}/counters/old")
        assert old.headers["deprecation"] == "@1767225600"
        assert old.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
        far = [
            client.get("/nowhere", headers={"X-Forwarded-For": f"198.51.100.9, {seen}"})
            for seen in ["203.0.113.1"] * 31 + ["203.0.113.2"]
        ]
        assert [answer.status_code for answer in far] == [404] * 30 + [429, 404]
        assert int(far[30].headers["retry-after"]) >= 1


def test_what_is_not_safe_is_said_at_once(service: Service) -> None:
    unsafe = {
        "ENVIRONMENT": "production",
        "DEBUG": "true",
        "CORS_ORIGINS": "*",
        "MAX_BODY_SIZE": "x",
    }
    with set_to(service, unsafe):
        ended = service.attempt("uv", "run", "app", "serve")
    assert ended.code == 2
    assert "Traceback" not in ended.output
    for variable in ("DEBUG", "CORS_ORIGINS", "MAX_BODY_SIZE", "ALLOWED_HOSTS"):
        assert f"  {variable} " in ended.output, ended.output

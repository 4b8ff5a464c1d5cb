from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.errors import PROBLEM_JSON

SITE = "https://app.example.com"


@pytest.fixture
def guarded(build: Callable[..., FastAPI]) -> AsyncClient:
    app = build(allowed_hosts=("api.example.com",), cors_origins=(SITE,))
    return AsyncClient(transport=ASGITransport(app), base_url="http://api.example.com")


async def test_another_host_is_refused(guarded: AsyncClient) -> None:
    assert (await guarded.get("/nowhere")).status_code == 404
    answer = await guarded.get("/nowhere", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM_JSON)
    assert answer.json()["code"] == "bad_request"


async def test_health_is_answered_whatever_the_host(guarded: AsyncClient) -> None:
    answer = await guarded.get("/health/live", headers={"Host": "10.0.0.7"})
    assert answer.status_code == 200


async def test_a_named_site_may_ask_and_another_may_not(guarded: AsyncClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "if-match"}
    allowed = await guarded.options("/nowhere", headers={"Origin": SITE} | asked)
    assert allowed.headers["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    other = await guarded.options("/nowhere", headers={"Origin": "https://evil.example"} | asked)
    assert (other.status_code, other.headers["content-type"]) == (400, PROBLEM_JSON)
    assert "Access-Control-Allow-Origin" not in other.headers


async def test_a_site_can_read_errors_and_headers(guarded: AsyncClient) -> None:
    answer = await guarded.get("/nowhere", headers={"Origin": SITE})
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.settings.server import Environment

ASSET = "/docs/swagger-ui.css"


def caller_of(app: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


async def test_the_page_asks_for_nothing_but_what_the_service_has(client: AsyncClient) -> None:
    page = (await client.get("/docs")).text
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {"docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/init.js"} <= set(wanted)
    for path in wanted:
        answer = await client.get(f"/{path}")
        assert answer.status_code == 200, path
    assert (await client.get("/openapi.json")).json()["paths"]


async def test_the_page_runs_no_script_but_files_of_the_service(client: AsyncClient) -> None:
    answer = await client.get("/docs")
    policy = dict(
        directive.split(" ", 1)
        for directive in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=", answer.text)


@pytest.mark.parametrize(
    ("environment", "docs", "shown"),
    [
        (Environment.PRODUCTION, None, False),
        (Environment.PRODUCTION, True, True),
        (Environment.STAGING, None, True),
        (Environment.STAGING, False, False),
        (Environment.DEVELOPMENT, None, True),
    ],
)
async def test_the_api_is_shown_in_production_only_where_that_is_set(
    build: Callable[..., FastAPI], environment: Environment, docs: bool | None, shown: bool
) -> None:
    app = build(environment=environment, docs=docs)
    async with caller_of(app) as client:
        for path in ("/docs", ASSET, "/openapi.json"):
            assert (await client.get(path)).status_code == (200 if shown else 404), path
    assert app.openapi()["paths"], "a command may print it all the same"


async def test_no_other_page_of_docs_is_served(client: AsyncClient) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect", "/docs/docs.html"):
        assert (await client.get(path)).status_code == 404, path


async def test_a_browser_keeps_the_large_files_and_asks_whether_they_changed(
    client: AsyncClient,
) -> None:
    first = await client.get(ASSET)
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get(ASSET, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"

from collections.abc import Callable

import pytest
from fastapi import FastAPI, Response
from httpx2 import ASGITransport, AsyncClient

from app.core.settings.server import Environment

HSTS = "strict-transport-security"


@pytest.fixture(autouse=True)
def broken(app: FastAPI) -> None:
    @app.get("/broken")
    async def answer() -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/broken"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ],
)
async def test_every_answer_has_them(client: AsyncClient, path: str, name: str, value: str) -> None:
    assert (await client.get(path)).headers.get_list(name) == [value]


async def test_an_answer_keeps_what_it_has_set_itself(app: FastAPI, client: AsyncClient) -> None:
    own = {"Cache-Control": "public, max-age=60", "Content-Security-Policy": "default-src 'self'"}

    @app.get("/own")
    async def answer(response: Response) -> None:
        response.headers.update(own)

    headers = (await client.get("/own")).headers
    assert {name: headers.get_list(name) for name in own} == {n: [v] for n, v in own.items()}
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("environment", list(Environment))
async def test_https_is_asked_for_only_where_strangers_come(
    build: Callable[..., FastAPI], environment: Environment
) -> None:
    app = build(environment=environment)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        headers = (await client.get("/health/live")).headers
    assert (HSTS in headers) is environment.is_exposed

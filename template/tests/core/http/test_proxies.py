from collections.abc import Callable

import pytest
from fastapi import FastAPI, Request
from httpx2 import ASGITransport, AsyncClient

CLIENT, FORGED, OUTER, INNER = "203.0.113.9", "198.51.100.1", "10.1.0.1", "10.1.0.2"


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        (INNER, CLIENT, CLIENT),
        (INNER, f"{CLIENT}, {OUTER}", CLIENT),
        (INNER, f"{FORGED}, {CLIENT}", CLIENT),  # a proxy adds whom it saw, at the end
        (CLIENT, FORGED, CLIENT),
        (INNER, "", INNER),
    ],
)
async def test_a_clients_address_is_what_the_last_trusted_proxy_saw(
    build: Callable[..., FastAPI], peer: str, forwarded: str, seen: str
) -> None:
    app = build(trusted_proxies=("10.1.0.0/16",))

    @app.get("/health/whence")
    async def whence(request: Request) -> str:
        return request.client.host if request.client else ""

    transport = ASGITransport(app, client=(peer, 1))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/health/whence", headers={"X-Forwarded-For": forwarded})
    assert answer.json() == seen


async def test_without_a_trusted_proxy_nobody_is_believed(app: FastAPI) -> None:
    @app.get("/health/whence")
    async def whence(request: Request) -> list[str]:
        return [request.client.host if request.client else "", request.url.scheme]

    transport = ASGITransport(app, client=("127.0.0.1", 1))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        forged = {"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "https"}
        assert (await client.get("/health/whence", headers=forged)).json() == ["127.0.0.1", "http"]

"""Time, size, and what is compressed."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from httpx2 import ASGITransport, AsyncClient

from app.core.errors import PROBLEM_JSON


@pytest.fixture
def app(build: Callable[..., FastAPI]) -> FastAPI:
    app = build(request_timeout=0.2, max_body_size=1000)

    @app.get("/health/slow")
    async def slow() -> None:
        await asyncio.sleep(20)

    @app.get("/health/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncGenerator[bytes]:
            yield b"first"
            await asyncio.sleep(0.4)
            yield b" last"

        return StreamingResponse(parts())

    @app.post("/health/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/health/large")
    async def large() -> str:
        return "keel" * 1000

    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


async def test_a_request_that_takes_too_long_is_given_up(client: AsyncClient) -> None:
    answer = await asyncio.wait_for(client.get("/health/slow"), 10)
    assert (answer.status_code, answer.json()["code"]) == (503, "took_too_long")
    assert answer.headers["Retry-After"]


async def test_an_answer_that_has_begun_may_take_its_time(client: AsyncClient) -> None:
    assert (await client.get("/health/stream")).text == "first last"


async def test_a_body_up_to_the_limit_is_read(client: AsyncClient) -> None:
    answer = await client.post("/health/size", content=b"x" * 1000)
    assert (answer.status_code, answer.json()) == (200, 1000)


@pytest.mark.parametrize("path", ["/health/size", "/openapi.json", "/nowhere"])
@pytest.mark.parametrize("says_how_long", [True, False])
async def test_a_body_beyond_the_limit_is_refused(
    client: AsyncClient, path: str, says_how_long: bool
) -> None:
    async def parts() -> AsyncGenerator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    body = b"x" * 1001 if says_how_long else parts()
    method = "POST" if path == "/health/size" else "GET"
    answer = await client.request(method, path, content=body)
    if path == "/health/size" or says_how_long:
        assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
        assert answer.headers["content-type"] == PROBLEM_JSON
        assert answer.headers["X-Request-ID"]
    else:  # nobody read it
        assert answer.status_code in {200, 404}


async def test_a_large_answer_is_compressed_and_a_small_one_is_not(client: AsyncClient) -> None:
    large = await client.get("/health/large")
    assert large.headers["Content-Encoding"] == "gzip"
    assert int(large.headers["Content-Length"]) < len(large.content)
    assert "Content-Encoding" not in (await client.get("/health/live")).headers
    plain = await client.get("/health/large", headers={"Accept-Encoding": "identity"})
    assert plain.text == large.text

"""A line for each request, and in it nothing that a stranger could have put there."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.core.settings import Settings
from tests.core.log_lines import Line, log_lines

ACCESS = "app.core.http.access_log"


@pytest.fixture
def lines(settings: Settings) -> Generator[list[Line]]:
    with log_lines(settings) as lines:
        yield lines


def access(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line["logger"] == ACCESS]


async def test_a_line_says_what_was_asked_and_how_it_went(
    app: FastAPI, client: AsyncClient, lines: list[Line]
) -> None:
    @app.get("/orders/{order}")
    async def order(order: int) -> int:
        return order

    answer = await client.get("/orders/7?token=swordfish")
    (line,) = access(lines)
    assert line["event"] == "GET /orders/{order}: 200"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/orders/{order}", 200)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["duration_ms"] >= 0
    assert "swordfish" not in str(lines)
    assert "user_id" not in line


async def test_a_route_has_the_prefixes_of_its_routers(
    app: FastAPI, client: AsyncClient, lines: list[Line]
) -> None:
    inner, outer = APIRouter(), APIRouter()

    @inner.get("/{order}")
    async def order(order: int) -> int:
        return order

    outer.include_router(inner, prefix="/orders")
    app.include_router(outer, prefix="/api/v1")
    assert (await client.get("/api/v1/orders/7")).status_code == 200
    assert access(lines)[0]["route"] == "/api/v1/orders/{order}"


async def test_a_path_that_nobody_declared_is_not_written(
    client: AsyncClient, lines: list[Line]
) -> None:
    await client.get("/swordfish")
    (line,) = access(lines)
    assert (line["route"], line["status"]) == (None, 404)
    assert "swordfish" not in str(lines)


async def test_an_error_that_nobody_expected_has_its_line_too(
    app: FastAPI, client: AsyncClient, lines: list[Line]
) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise LookupError

    answer = await client.get("/broken")
    (line,) = access(lines)
    assert line["status"] == 500
    (error,) = [line for line in lines if line["level"] == "error"]
    assert error["request_id"] == line["request_id"] == answer.headers["X-Request-ID"]
    assert "LookupError" in error["exception"]


async def test_an_answer_that_never_began_has_no_status(
    app: FastAPI, client: AsyncClient, lines: list[Line]
) -> None:
    begun = asyncio.Event()

    @app.get("/orders")
    async def orders() -> None:
        begun.set()
        await asyncio.sleep(60)

    request = asyncio.create_task(client.get("/orders"))
    await begun.wait()
    request.cancel()  # as the server does where its time is over
    with suppress(asyncio.CancelledError):
        await request
    (line,) = access(lines)
    assert (line["status"], line["event"]) == (None, "GET /orders: no answer")


async def test_of_health_checks_that_go_well_a_few_are_written(
    build: Callable[..., FastAPI], lines: list[Line]
) -> None:
    app = build(log_health_every=10)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        for _ in range(11):
            await client.get("/health/live")
        assert len(access(lines)) == 2
        app.state.drain.is_on = True
        for _ in range(3):
            await client.get("/health/ready")
    assert [line["status"] for line in access(lines)[2:]] == [503, 503, 503]

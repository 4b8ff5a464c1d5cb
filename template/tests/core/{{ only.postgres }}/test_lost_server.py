"""The server of the database goes, and comes back: over a line that a test can cut."""

import asyncio
import time
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from sqlalchemy import func, literal, make_url
from sqlmodel import select

from app.core.db.session import Database, SessionDep
from app.core.settings import Settings
from tests.core.cut_line import Line, line_to

GONE = {"database_pool_size": 6, "database_connect_timeout": 1.5, "ready_timeout": 1.5}


@pytest.fixture
async def line(app: FastAPI, settings: Settings) -> AsyncGenerator[Line]:
    """Have the application reach its database over a line of this test."""
    url = make_url(settings.database_url.get_secret_value())
    async with line_to(url.host or "127.0.0.1", url.port or 5432) as line:
        over_it = url.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
        changes = {**GONE, "database_url": type(settings.database_url)(over_it)}
        app.state.settings = settings.model_copy(update=changes)
        app.state.database = Database.from_settings(app.state.settings)

        @app.get("/rows")
        async def rows(session: SessionDep) -> int:
            return (await session.exec(select(literal(7)))).one()

        @app.get("/long")
        async def long(session: SessionDep) -> None:
            await session.exec(select(func.pg_sleep(60)))

        yield line
        line.cut()
        await app.state.database.close()


async def timed(client: AsyncClient, path: str) -> tuple[Response, float]:
    begun = time.monotonic()
    answer = await client.get(path)
    return answer, time.monotonic() - begun


async def assert_lost(client: AsyncClient) -> None:
    """Ask with as many as want to: each is told at once to come back."""
    answers = await asyncio.gather(*(timed(client, "/rows") for _ in range(20)))
    for answer, seconds in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert seconds < 2
    answer, seconds = await timed(client, "/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert seconds < 2
    assert (await client.get("/health/live")).status_code == 200


async def assert_back_within(seconds: float, client: AsyncClient) -> None:
    deadline = time.monotonic() + seconds
    while (await client.get("/rows")).status_code != 200:
        assert time.monotonic() < deadline, "it did not recover"
        await asyncio.sleep(0.1)
    assert (await client.get("/health/ready")).status_code == 200


async def test_a_server_that_goes_is_a_503_until_it_is_back(
    line: Line, client: AsyncClient
) -> None:
    warm = await asyncio.gather(*(client.get("/rows") for _ in range(8)))
    assert {answer.status_code for answer in warm} == {200}
    for _ in range(2):
        line.cut()
        await assert_lost(client)
        line.mend()
        await assert_back_within(5, client)


async def test_a_request_that_is_open_then_is_told_too(line: Line, client: AsyncClient) -> None:
    request = asyncio.create_task(timed(client, "/long"))
    await line.used()
    line.cut()
    answer, seconds = await request
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert seconds < 5


async def test_a_server_that_takes_connections_and_says_nothing_is_gone(
    line: Line, client: AsyncClient
) -> None:
    line.freeze()
    await assert_lost(client)
    line.mend()
    await assert_back_within(5, client)


async def test_a_server_that_cannot_prove_who_it_is_is_a_503(
    line: Line, app: FastAPI, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """As with a certificate that has expired: the log names what is wrong with it."""
    settings = app.state.settings
    encrypted = settings.database_url.get_secret_value() + "?ssl=require"
    changes = {"database_url": type(settings.database_url)(encrypted)}
    await app.state.database.close()
    app.state.database = Database.from_settings(settings.model_copy(update=changes))
    line.break_tls()
    await assert_lost(client)
    assert "SSL" in caplog.text


@pytest.mark.parametrize("state", ["57P03", "53300"])  # it starts; it has too many
async def test_a_server_that_refuses_for_now_is_a_503(
    line: Line, client: AsyncClient, state: str
) -> None:
    line.refuse(state)
    await assert_lost(client)
    line.mend()
    await assert_back_within(5, client)

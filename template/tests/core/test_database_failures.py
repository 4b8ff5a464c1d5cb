"""What the database cannot do now is a 503, and never a 500."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text

from app.core.db.session import Database, SessionDep
from app.core.settings import Settings

# Counts to a hundred million: on any machine for longer than the limit.
SLOW = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) "
    "SELECT count(*) FROM n"
)


@pytest.fixture
def app(build: Callable[..., FastAPI]) -> FastAPI:
    app = build()

    @app.get("/health/slow")
    async def slow(session: SessionDep) -> None:
        await (await session.connection()).execute(text(SLOW))

    @app.get("/health/quick")
    async def quick(session: SessionDep) -> None:
        await (await session.connection()).execute(text("SELECT 1"))

    @app.get("/health/wrong")
    async def wrong(session: SessionDep) -> None:
        await (await session.connection()).execute(text("SELECT nothing"))

    return app


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    transport = ASGITransport(app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://test")


async def test_a_statement_that_takes_too_long_is_ended(
    app: FastAPI, client: AsyncClient, settings: Settings
) -> None:
    app.state.database = database = Database.from_settings(settings, statement_timeout=0.2)
    answer = await client.get("/health/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert answer.headers["Retry-After"]
    assert (await client.get("/health/quick")).status_code == 200
    await database.close()


async def test_a_mistake_in_a_query_stays_one(client: AsyncClient) -> None:
    answer = await client.get("/health/wrong")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")

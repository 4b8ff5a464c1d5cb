from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.db.engine import create_engine
from app.core.db.session import Database
from app.core.settings import Settings
from app.core.settings.server import Environment
from app.health.router import live
from tests.database import empty_database


async def test_a_process_that_answers_is_live(client: AsyncClient) -> None:
    answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_it_is_live_whatever_the_layers_inside_do(app: FastAPI, client: AsyncClient) -> None:
    """The answer is that of the operation, which the document has."""
    said = await client.get("/health/live")
    del app.state.settings, app.state.rate_storage
    app.router.routes.clear()
    alone = await client.get("/health/live")
    assert (alone.json(), alone.headers["content-type"]) == (said.json(), "application/json")
    assert alone.json() == (await live()).model_dump()
    assert {"x-request-id", "x-frame-options"} <= set(alone.headers)


async def test_a_service_whose_database_answers_is_ready(client: AsyncClient) -> None:
    assert (await client.get("/health/ready")).status_code == 200


@pytest.fixture
async def gone(app: FastAPI) -> AsyncGenerator[None]:
    """Have the database gone."""
    async with empty_database("gone") as url:
        app.state.database = Database(create_engine(url, pool_size=1), max_sessions=1)
    yield
    await app.state.database.close()


async def assert_not_ready(client: AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "database (DATABASE_URL)" in answer.json()["detail"]
    assert (await client.get("/health/live")).status_code == 200


@pytest.mark.usefixtures("gone")
async def test_a_database_that_is_gone_is_named(client: AsyncClient) -> None:
    await assert_not_ready(client)


@pytest.mark.usefixtures("gone")
async def test_strangers_are_told_no_name_and_the_log_has_it(
    app: FastAPI, client: AsyncClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.settings = settings.model_copy(update={"environment": Environment.PRODUCTION})
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "database" not in answer.text.lower()
    assert "Not ready: database (DATABASE_URL)" in caplog.text


async def test_a_process_that_is_about_to_end_is_live_and_not_ready(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.drain, "is_on", True)
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert (await client.get("/health/live")).status_code == 200


async def test_a_database_that_keeps_us_waiting_is_named(
    app: FastAPI, client: AsyncClient, settings: Settings, database_url: str
) -> None:
    app.state.settings = settings.model_copy(update={"ready_timeout": 0.05})
    app.state.database = Database(create_engine(database_url, pool_size=1), max_sessions=1)
    async with app.state.database.engine.connect():
        await assert_not_ready(client)
    await app.state.database.close()

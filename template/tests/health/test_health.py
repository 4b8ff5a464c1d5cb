from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.db.engine import create_engine
from app.core.db.session import Database
from app.core.settings import Settings
from tests.database import empty_database


async def test_a_process_that_answers_is_live(client: AsyncClient) -> None:
    answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_service_whose_database_answers_is_ready(client: AsyncClient) -> None:
    assert (await client.get("/health/ready")).status_code == 200


async def assert_not_ready(client: AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "database (DATABASE_URL)" in answer.json()["detail"]
    assert (await client.get("/health/live")).status_code == 200


async def test_a_database_that_is_gone_is_named(app: FastAPI, client: AsyncClient) -> None:
    async with empty_database("gone") as url:
        app.state.database = Database(create_engine(url, pool_size=1), max_sessions=1)
    await assert_not_ready(client)
    await app.state.database.close()


async def test_a_database_that_keeps_us_waiting_is_named(
    app: FastAPI, client: AsyncClient, settings: Settings, database_url: str
) -> None:
    app.state.settings = settings.model_copy(update={"ready_timeout": 0.05})
    app.state.database = Database(create_engine(database_url, pool_size=1), max_sessions=1)
    async with app.state.database.engine.connect():
        await assert_not_ready(client)
    await app.state.database.close()

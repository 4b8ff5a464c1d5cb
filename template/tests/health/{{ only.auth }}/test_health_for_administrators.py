from fastapi import FastAPI
from httpx2 import AsyncClient

from app.core.db.engine import create_engine
from app.core.db.session import Database
from app.core.ids import new_id
from app.core.security.scopes import Role
from app.core.settings import Settings
from app.core.settings.server import Environment
from tests.accounts import bearer
from tests.database import empty_database


async def test_an_administrator_is_told_what_does_not_answer(
    app: FastAPI, client: AsyncClient, settings: Settings
) -> None:
    """Who one is stands in the token: the database that would know more is what is missing."""
    app.state.settings = settings.model_copy(update={"environment": Environment.PRODUCTION})
    async with empty_database("gone") as url:
        app.state.database = Database(create_engine(url, pool_size=1), max_sessions=1)
    for role, is_told in ((Role.ADMIN, True), (Role.USER, False)):
        answer = await client.get("/health/ready", headers=bearer(settings, new_id(), role))
        assert answer.status_code == 503
        assert ("database (DATABASE_URL)" in answer.json()["detail"]) is is_told
    await app.state.database.close()

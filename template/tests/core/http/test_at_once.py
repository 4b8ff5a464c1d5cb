"""Requests at once that want one effect, on connections of their own: what is committed stays."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.clock import now
from app.core.db.session import Database, SessionDep
from app.core.http.etags import PreconditionFailed
from app.core.http.idempotency import OnceDep
from app.core.http.models import IdempotencyKey
from app.core.http.rate_storage import open_rate_storage
from app.core.schemas import Output
from app.core.settings import Settings
from app.main import create_app
from app.worker.models import ScheduledRun

AT_ONCE = 40
SEEN, CHANGED = "seen", "changed"


class Made(Output):
    name: str


class RunRepository:
    """Changes a row in one statement, only where it is what the caller has seen."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def change(self, seen: str, to: str) -> bool:
        change = update(ScheduledRun).where(col(ScheduledRun.task) == seen).values(task=to)
        return (await self.session.exec(change)).rowcount == 1


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    database = Database.from_settings(settings)
    yield database
    async with database.transaction() as session:
        await session.exec(delete(ScheduledRun))
        await session.exec(delete(IdempotencyKey))
    await database.close()


@pytest.fixture
async def app(settings: Settings, database: Database) -> AsyncGenerator[FastAPI]:
    app = create_app(settings)
    app.state.database = database

    @app.post("/things", status_code=201)
    async def make(session: SessionDep, once: OnceDep) -> Made:
        async def effect() -> Made:
            session.add(ScheduledRun(task=SEEN, tick=now(), expires_at=now()))
            return Made(name=SEEN)

        return await once(Made, effect)

    @app.post("/changes")
    async def change(session: SessionDep) -> None:
        if not await RunRepository(session).change(SEEN, CHANGED):
            raise PreconditionFailed("Somebody was faster.")

    async with open_rate_storage(settings) as app.state.rate_storage:
        yield app


async def at_once(app: FastAPI, path: str, headers: dict[str, str]) -> list[Response]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        asked = (client.post(path, headers=headers) for _ in range(AT_ONCE))
        return await asyncio.gather(*asked)


async def tasks(database: Database) -> list[str]:
    async with database.transaction(reading=True) as session:
        return [run.task for run in (await session.exec(select(ScheduledRun))).all()]


async def test_one_key_has_one_effect(app: FastAPI, database: Database) -> None:
    answers = await at_once(app, "/things", {"Idempotency-Key": "the-one"})
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer for answer in answers if "Idempotent-Replayed" in answer.headers]
    assert len(replayed) == AT_ONCE - 1
    assert await tasks(database) == [SEEN]


async def test_one_conditional_update_has_its_effect(app: FastAPI, database: Database) -> None:
    await at_once(app, "/things", {"Idempotency-Key": "the-one"})
    answers = await at_once(app, "/changes", {})
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)
    assert await tasks(database) == [CHANGED]

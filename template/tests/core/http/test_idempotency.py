from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import func
from sqlmodel import select, update

from app.core.clock import now
from app.core.db.session import Database, SessionDep
from app.core.errors import Conflict
from app.core.http.idempotency import OnceDep
from app.core.http.models import IdempotencyKey
from app.core.schemas import Input, Output
from app.worker.models import ScheduledRun

KEY = {"Idempotency-Key": "order-7"}


class New(Input):
    name: str


class Made(Output):
    name: str


@pytest.fixture(autouse=True)
def operation(app: FastAPI) -> None:
    """Add an operation with an effect: it stores a row, and then it may fail."""

    @app.post("/things", status_code=201)
    async def make(new: New, session: SessionDep, once: OnceDep, fail: bool = False) -> Made:
        async def effect() -> Made:
            session.add(ScheduledRun(task=new.name, tick=now(), expires_at=now()))
            await session.flush()
            if fail:
                raise Conflict("No.")
            return Made(name=new.name)

        return await once(Made, effect)


async def effects(database: Database) -> int:
    async with database.transaction(reading=True) as session:
        return (await session.exec(select(func.count()).select_from(ScheduledRun))).one()


async def test_the_same_key_and_body_have_one_effect_and_one_answer(
    client: AsyncClient, database: Database
) -> None:
    first, again = [
        await client.post("/things", json={"name": "keel"}, headers=KEY) for _ in range(2)
    ]
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert await effects(database) == 1


async def test_another_body_is_refused(client: AsyncClient, database: Database) -> None:
    await client.post("/things", json={"name": "keel"}, headers=KEY)
    other = await client.post("/things", json={"name": "mast"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await effects(database) == 1


async def test_without_a_key_each_request_has_its_effect(
    client: AsyncClient, database: Database
) -> None:
    for _ in range(2):
        assert (await client.post("/things", json={"name": "keel"})).status_code == 201
    assert await effects(database) == 2


async def test_what_had_no_effect_may_be_tried_again(
    client: AsyncClient, database: Database
) -> None:
    failed = await client.post("/things", params={"fail": True}, json={"name": "keel"}, headers=KEY)
    assert failed.status_code == 409
    again = await client.post("/things", json={"name": "keel"}, headers=KEY)
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (201, False)
    assert await effects(database) == 1


async def test_a_key_counts_until_its_time(client: AsyncClient, database: Database) -> None:
    await client.post("/things", json={"name": "keel"}, headers=KEY)
    async with database.transaction() as session:
        past = update(IdempotencyKey).values(expires_at=now() - timedelta(seconds=1))
        await session.exec(past)
    again = await client.post("/things", json={"name": "keel"}, headers=KEY)
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (201, False)
    assert await effects(database) == 2


async def test_an_answer_that_an_older_release_gave_is_not_made_up(
    client: AsyncClient, database: Database
) -> None:
    await client.post("/things", json={"name": "keel"}, headers=KEY)
    async with database.transaction() as session:
        await session.exec(update(IdempotencyKey).values(answer='{"title": "keel"}'))
    again = await client.post("/things", json={"name": "keel"}, headers=KEY)
    assert (again.status_code, again.json()["code"]) == (409, "idempotent_answer_outdated")


@pytest.mark.parametrize("key", ["", "two words", "x" * 256])
async def test_a_key_that_is_none_is_refused(client: AsyncClient, key: str) -> None:
    answer = await client.post("/things", json={"name": "a"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.idempotency-key"

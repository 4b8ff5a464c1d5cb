"""The transaction edge, on connections of its own: what is committed here stays committed."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import CursorResult, text
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db.session import Database, SessionDep
from app.core.errors import Conflict, install_problem_handlers
from app.core.settings import Settings


class Refused(Conflict):
    commits = True


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    """Give the database as the service has it, and a table to write to."""
    database = Database.from_settings(settings)
    async with database.transaction() as session:
        await run(session, "CREATE TABLE edge (note VARCHAR(20))")
    yield database
    async with database.transaction() as session:
        await run(session, "DROP TABLE edge")
    await database.close()


async def run(session: AsyncSession, statement: str) -> CursorResult[Any]:
    return await (await session.connection()).execute(text(statement))


async def notes(database: Database) -> list[str]:
    async with database.transaction(reading=True) as session:
        return [row[0] for row in await run(session, "SELECT note FROM edge")]


@pytest.fixture
def app(database: Database) -> FastAPI:
    app = FastAPI()
    app.state.database = database

    @app.post("/notes")
    async def write(session: SessionDep, fail: bool = False) -> None:
        # Read before writing: what a database may refuse where another one wrote meanwhile.
        await run(session, "SELECT count(*) FROM edge")
        await run(session, "INSERT INTO edge VALUES ('kept')")
        if fail:
            raise Conflict("No.")

    @app.post("/refusals")
    async def refuse(session: SessionDep) -> None:
        await run(session, "INSERT INTO edge VALUES ('kept')")
        raise Refused("No.")

    return app


async def test_a_request_commits_before_it_is_answered(app: FastAPI, database: Database) -> None:
    seen: list[list[str]] = []

    async def watch(scope, receive, send):  # type: ignore[no-untyped-def]
        async def look(message):  # type: ignore[no-untyped-def]
            if message["type"] == "http.response.start":
                seen.append(await notes(database))
            await send(message)

        await app(scope, receive, look)

    async with AsyncClient(transport=ASGITransport(watch), base_url="http://test") as client:
        assert (await client.post("/notes")).status_code == 200
    assert seen == [["kept"]]


async def test_each_request_has_a_session_of_its_own(app: FastAPI) -> None:
    seen: list[AsyncSession] = []
    both = asyncio.Barrier(2)

    @app.get("/session")
    async def session_of(session: SessionDep) -> None:
        seen.append(session)
        await both.wait()

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        await asyncio.wait_for(asyncio.gather(*(client.get("/session") for _ in range(2))), 20)
    assert seen[0] is not seen[1]


async def test_a_request_that_fails_leaves_nothing(app: FastAPI, database: Database) -> None:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.post("/notes", params={"fail": True})).status_code == 500
    assert await notes(database) == []


async def test_a_refusal_that_commits_leaves_what_was_written(
    app: FastAPI, database: Database
) -> None:
    install_problem_handlers(app)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert (await client.post("/refusals")).status_code == 409
        assert (await client.post("/notes", params={"fail": True})).status_code == 409
    assert await notes(database) == ["kept"]


async def test_a_script_commits_at_the_end_of_its_block(database: Database) -> None:
    async with database.transaction() as session:
        await run(session, "INSERT INTO edge VALUES ('script')")
    assert await notes(database) == ["script"]


@pytest.mark.parametrize(("pool_size", "held"), [(3, 1), (12, 10)])
async def test_slow_requests_leave_connections_to_readiness_checks(
    settings: Settings, pool_size: int, held: int
) -> None:
    pool = settings.model_copy(update={"database_pool_size": pool_size})
    app, database = FastAPI(), Database.from_settings(pool)
    app.state.database = database
    begun, all_begun, go_on = 0, asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow(session: SessionDep) -> None:
        nonlocal begun
        await session.connection()
        begun += 1
        if begun == held:
            all_begun.set()
        await go_on.wait()

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        requests = [asyncio.create_task(client.get("/slow")) for _ in range(pool_size + 1)]
        try:
            await asyncio.wait_for(all_begun.wait(), 20)
            await asyncio.sleep(0.1)  # for one more, that should wait
            assert begun == held
            await asyncio.wait_for(database.ping(), 5)
        finally:
            go_on.set()
            answers = await asyncio.gather(*requests)
    assert {answer.status_code for answer in answers} == {200}
    await database.close()


async def test_requests_that_write_at_once_all_succeed(app: FastAPI, database: Database) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answers = await asyncio.gather(*(client.post("/notes") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await notes(database)) == 20

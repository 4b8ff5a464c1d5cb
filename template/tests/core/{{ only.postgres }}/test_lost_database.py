import socket

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.core.db.session import Database, SessionDep
from app.core.settings import Settings

PASSWORD = "swordfish"


async def test_a_server_that_is_gone_is_said_so_without_its_password(
    app: FastAPI, client: AsyncClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/rows")
    async def rows(session: SessionDep) -> None:
        await session.connection()

    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    url = SecretStr(f"postgresql+asyncpg://harbour:{PASSWORD}@127.0.0.1:{port}/harbour")
    gone = settings.model_copy(update={"database_url": url})
    app.state.database = database = Database.from_settings(gone)
    answer = await client.get("/rows")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert "The database failed a request" in caplog.text
    assert PASSWORD not in caplog.text + answer.text
    await database.close()

import asyncio

from sqlalchemy import text

from app.core.db.session import Database
from app.core.settings import Settings


async def test_a_connection_that_the_server_closed_is_replaced(settings: Settings) -> None:
    lost, healthy = Database.from_settings(settings), Database.from_settings(settings)
    async with lost.engine.connect() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar()
    async with healthy.engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await asyncio.sleep(0.1)  # until the news has come through the socket
    assert lost.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
    await lost.ping()
    await lost.close()
    await healthy.close()

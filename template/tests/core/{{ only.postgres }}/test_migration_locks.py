"""What a migration waits for, and what it holds up meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.db import engine, migrations
from app.core.db.errors import DatabaseInUse
from tests.core.own_migrations import work_in, write
from tests.database import empty_database

SHIP = """op.execute("CREATE TABLE ship (id INTEGER PRIMARY KEY)")"""
SAIL = """
op.execute("CREATE TABLE sail (id INTEGER PRIMARY KEY)")
    op.execute("ALTER TABLE ship ADD COLUMN name TEXT")
"""
INDEX = """
op.execute("SELECT pg_sleep(0.5)")
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.create_index("ix_ship", "ship", ["id"], postgresql_concurrently=True)
"""

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
HELD = """
SELECT mode FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND granted
"""


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[str]:
    """Give a database with one table, whose migrations are those of a test."""
    work_in(tmp_path, monkeypatch)
    write("0001", None, SHIP)
    async with empty_database("locks") as url:
        await asyncio.to_thread(migrations.upgrade, database_url=url)
        yield url


@pytest.fixture
async def other(url: str) -> AsyncGenerator[AsyncConnection]:
    """Give the connection of somebody who uses the database."""
    users = engine.create_engine(url, pool_size=1)
    async with users.connect() as connection:
        yield connection
    await users.dispose()


async def names(connection: AsyncConnection, query: str) -> set[str]:
    return set((await connection.execute(text(query))).scalars())


async def test_a_migration_gives_up_on_a_table_in_use_and_is_undone(
    url: str, other: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TABLE_WITHIN", 0.1)
    write("0002", "0001", SAIL)
    await other.execute(text("SELECT * FROM ship"))
    with pytest.raises(DatabaseInUse, match=r"undone: for 0\.1 seconds.* at: ALTER TABLE ship"):
        async with asyncio.timeout(20):
            await asyncio.to_thread(migrations.upgrade, database_url=url)
    assert await names(other, TABLES) == {"alembic_version", "ship"}
    await other.rollback()
    await asyncio.to_thread(migrations.upgrade, database_url=url)
    assert await names(other, TABLES) == {"alembic_version", "ship", "sail"}


async def test_an_index_is_built_beside_traffic_while_another_process_waits(
    url: str, other: AsyncConnection
) -> None:
    write("0002", "0001", INDEX)
    upgrade = asyncio.create_task(asyncio.to_thread(migrations.upgrade, database_url=url))
    while not (upgrade.done() or await names(other, HELD)):
        await other.rollback()
        await asyncio.sleep(0.05)
    await other.rollback()
    async with asyncio.timeout(20), engine.migration_connection(url) as connection:
        assert "ix_ship" in await names(connection, "SELECT indexname FROM pg_indexes")
    await upgrade

"""Migrations that rebuild a table, which is how SQLite changes a column."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.db import migrations
from app.core.db.engine import OrphanedRows, create_engine
from tests.core.own_migrations import work_in, write
from tests.database import empty_database

REBUILD = """
with op.batch_alter_table("ship") as ship:
        ship.alter_column("name", type_=sa.String(20))
"""
FORGET = """op.execute("DELETE FROM ship WHERE id = 1")"""
TABLES = """
for statement in (
        "CREATE TABLE ship (id INTEGER PRIMARY KEY, name VARCHAR(10))",
        "CREATE TABLE sail (ship INTEGER REFERENCES ship (id) ON DELETE CASCADE)",
        "INSERT INTO ship VALUES (1, 'Ada')",
        "INSERT INTO sail VALUES (1), (1)",
    ):
        op.execute(statement)
"""


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[str]:
    """Give a database whose migrations are those of a test."""
    work_in(tmp_path, monkeypatch)
    write("0001", None, TABLES)
    async with empty_database("rebuilt") as url:
        yield url


async def rows(url: str) -> tuple[int, int]:
    engine = create_engine(url, pool_size=1)
    async with engine.connect() as connection:
        counts = "SELECT (SELECT count(*) FROM ship), (SELECT count(*) FROM sail)"
        ships, sails = (await connection.execute(text(counts))).one()
    await engine.dispose()
    return ships, sails


async def test_a_table_is_rebuilt_and_what_refers_to_it_stays(url: str) -> None:
    write("0002", "0001", REBUILD)
    await asyncio.to_thread(migrations.upgrade, database_url=url)
    assert await rows(url) == (1, 2)


async def test_a_migration_that_leaves_orphans_is_refused_and_undone(url: str) -> None:
    await asyncio.to_thread(migrations.upgrade, database_url=url)
    write("0002", "0001", FORGET)
    with pytest.raises(OrphanedRows, match="2 rows refer to nothing, in: sail"):
        await asyncio.to_thread(migrations.upgrade, database_url=url)
    assert await rows(url) == (1, 2)


async def test_migrations_that_run_together_are_undone_together(url: str) -> None:
    write("0002", "0001", FORGET)
    with pytest.raises(OrphanedRows):
        await asyncio.to_thread(migrations.upgrade, database_url=url)
    engine = create_engine(url, pool_size=1)
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM sqlite_master"))).scalar() == 0
    await engine.dispose()

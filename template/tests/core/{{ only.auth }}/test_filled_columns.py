"""An update brings columns to tables that have rows: a migration that Alembic writes fills them."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.db import migrations
from app.core.db.engine import create_engine
from tests.core.own_migrations import work_in, write
from tests.database import empty_database

BEFORE = """
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("email", name="uq_user_email"),
    )
    op.execute(
        'INSERT INTO "user" VALUES '
        "('00000000000070008000000000000001', '2026-01-02 03:04:05', 'a@b.example', '-', false), "
        "('00000000000070008000000000000002', '2026-01-02 03:04:05', 'c@d.example', '-', true)"
    )
"""


async def test_accounts_of_before_count_as_verified_and_keep_their_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with empty_database("filled") as url:
        monkeypatch.setenv("DATABASE_URL", url)
        work_in(tmp_path, monkeypatch)
        write("before", None, BEFORE)
        await asyncio.to_thread(migrations.generate, "template update")
        await asyncio.to_thread(migrations.upgrade)
        engine = create_engine(url, pool_size=1)
        async with engine.connect() as connection:
            rows = await connection.execute(
                text(
                    "SELECT verified_at = created_at, credentials_version, role "
                    'FROM "user" ORDER BY email'
                )
            )
            assert [tuple(row) for row in rows] == [(True, 0, "user"), (True, 0, "admin")]
        await engine.dispose()

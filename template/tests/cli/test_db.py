"""The database commands, on a database of their own and in a copy of the migrations."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import inspect
from typer.testing import CliRunner

from app.cli.main import cli, main
from app.core.db import engine
from app.registry import ALL_FEATURES
from tests.database import empty_database

ROOT = Path(__file__).parents[2]
HAS_TABLES = any(feature.models for feature in ALL_FEATURES)
runner = CliRunner()


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[str]:
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    async with empty_database("commands") as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield url


async def tables(url: str) -> set[str]:
    opened = engine.create_engine(url, pool_size=1)
    async with opened.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await opened.dispose()
    return set(names)


def test_the_schema_goes_up_and_comes_down(url: str) -> None:
    assert runner.invoke(cli, ["db", "upgrade"]).exit_code == 0
    assert bool(asyncio.run(tables(url)) - {"alembic_version"}) is HAS_TABLES
    assert runner.invoke(cli, ["db", "downgrade", "base"]).exit_code == 0
    assert asyncio.run(tables(url)) <= {"alembic_version"}


def test_a_new_migration_is_dated_and_follows_the_last(url: str, tmp_path: Path) -> None:
    before = set((tmp_path / "migrations/versions").glob("*.py"))
    result = runner.invoke(cli, ["db", "migrate", "nothing new"])
    assert result.exit_code == 0, f"{url}: {result.output}"
    (made,) = set((tmp_path / "migrations/versions").glob("*.py")) - before
    assert made.name.endswith("_nothing_new.py")
    assert made.name[:4].isdigit()
    assert runner.invoke(cli, ["db", "upgrade"]).exit_code == 0


async def test_who_waits_too_long_to_migrate_is_told_so(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "TURN_WITHIN", 0.5)
    monkeypatch.setattr("sys.argv", ["app", "db", "upgrade"])
    async with engine.migration_connection(url):
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Nothing was migrated: ")
    assert await tables(url) == set()

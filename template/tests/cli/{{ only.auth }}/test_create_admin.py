import asyncio
from collections.abc import Generator

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli.main import cli
from app.core.db.session import Database
from app.core.settings import Settings
from tests.database import empty_database

PASSWORD = {"ADMIN_PASSWORD": "correct horse battery"}
runner = CliRunner()


@pytest.fixture(autouse=True)
def accounts(environment_apart: None, settings_apart: Settings) -> Generator[None]:  # noqa: ARG001
    """Clean up after the command, which commits to the test database."""
    yield
    asyncio.run(remove_accounts(settings_apart))


async def remove_accounts(settings: Settings) -> None:
    database = Database.from_settings(settings)
    async with database.transaction() as session:
        await (await session.connection()).execute(text('DELETE FROM "user"'))
    await database.close()


def test_an_administrator_is_made_once() -> None:
    arguments = ["users", "create-admin", "--email", "Root@example.com"]
    result = runner.invoke(cli, arguments, env=PASSWORD)
    assert result.exit_code == 0, result.output
    assert "root@example.com is an administrator" in result.output
    result = runner.invoke(cli, arguments, env=PASSWORD)
    assert result.exit_code == 2
    assert "already has an account" in result.output


async def test_a_database_without_tables_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async with empty_database("bare") as url:
        monkeypatch.setenv("DATABASE_URL", url)
        result = await asyncio.to_thread(
            runner.invoke, cli, ["users", "create-admin", "--email", "a@b.example"], env=PASSWORD
        )
    assert result.exit_code == 1
    assert "make migrate" in result.output


@pytest.mark.parametrize(
    ("email", "password", "named"),
    [("root", "correct horse battery", "email"), ("root@example.com", "short", "password")],
)
def test_bad_input_is_named(email: str, password: str, named: str) -> None:
    result = runner.invoke(
        cli, ["users", "create-admin", "--email", email], env={"ADMIN_PASSWORD": password}
    )
    assert result.exit_code == 2
    assert named in result.output

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.core.db import local
from app.core.settings.base import SettingsError


@pytest.mark.usefixtures("environment")
def test_a_command_uses_the_database_of_development_where_none_is_set(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def find_or_start() -> str:
        return database_url

    monkeypatch.setattr(local, "find_or_start", find_or_start)
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["db", "prune"])
    assert result.exit_code == 0, result.exception


async def test_a_private_server_that_does_not_start_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "SERVER", "postgresql://postgres@127.0.0.1:1")
    monkeypatch.setattr(local, "DATA", tmp_path / "postgres")
    local.DATA.write_text("no folder")
    with pytest.raises(SettingsError, match="a private one does not start: "):
        await local.find_or_start()

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.core.settings import Settings
from app.worker import local


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("command", [["db", "prune"], ["worker", "aside"], ["worker", "retry"]])
def test_a_command_uses_the_broker_of_development_where_none_is_set(
    command: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    @contextmanager
    def found_or_started() -> Generator[str]:
        yield settings.broker_url.get_secret_value()

    monkeypatch.setattr(local, "found_or_started", found_or_started)
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.delenv("BROKER_URL")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.exception

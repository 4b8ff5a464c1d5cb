import json
import socket
from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from app.cli.dev import HOST, first_free_port, is_free
from app.cli.main import cli, main
from app.core.settings import Settings

runner = CliRunner()


def test_settings_that_cannot_be_used_end_a_command_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "produktion")
    monkeypatch.setattr("sys.argv", ["app", "serve"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "ENVIRONMENT" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_the_application_for_other_servers_is_built() -> None:
    assert isinstance(import_module("app.asgi").app, FastAPI)


def test_the_document_needs_no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(cli, ["openapi"])
    assert result.exit_code == 0
    assert "/health/live" in json.loads(result.output)["paths"]


def test_settings_for_development_are_written_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env.example").write_text(f"{example}ONE=\nTWO=\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(cli, ["env"]).exit_code == 0
    written = (tmp_path / ".env").read_text(encoding="utf-8")
    values = dict(line.split("=", 1) for line in written.splitlines() if "=" in line)
    assert values["ENVIRONMENT"] == "development"
    assert len({values["ONE"], values["TWO"], ""}) == 3
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert runner.invoke(cli, ["env"]).exit_code == 0
    assert (tmp_path / ".env").read_text(encoding="utf-8") == written


def test_settings_for_development_get_the_secrets_that_they_lack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env.example").write_text("OLD=\nNEW=\nEMPTY=\n", encoding="utf-8")
    (tmp_path / ".env").write_text("EMPTY=\nMINE=1\nOLD=kept", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(cli, ["env"]).output == "Added to .env: NEW, EMPTY.\n"
    lines = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["MINE=1", "OLD=kept"]
    values = dict(line.split("=", 1) for line in lines)
    assert len({values["NEW"], values["EMPTY"], ""}) == 3
    assert runner.invoke(cli, ["env"]).output == ""


def test_without_an_example_no_settings_are_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(cli, ["env"]).exit_code == 1
    assert not (tmp_path / ".env").exists()


def test_a_port_in_use_is_passed_over_or_refused() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = runner.invoke(cli, ["dev", "--port", str(port)])
        assert (result.exit_code, str(port) in result.output) == (2, True)
    assert is_free(port)
    assert is_free(first_free_port())

import re
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.core.settings.base import SettingsError, load
from app.core.settings.database import DatabaseSettings
from app.core.settings.pool import PoolSettings
from app.core.settings.server import Environment, ServerSettings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no setting but what a test sets, and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_forgotten_environment_is_production() -> None:
    assert load(ServerSettings).environment is Environment.PRODUCTION


def test_an_unknown_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "produktion")
    with pytest.raises(SettingsError, match="ENVIRONMENT"):
        load(ServerSettings)


def test_a_file_of_settings_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("READY_TIMEOUT=3.5\n")
    assert load(ServerSettings).ready_timeout == 3.5


def test_a_folder_of_secret_files_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ready_timeout").write_text("4.5\n")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    assert load(ServerSettings).ready_timeout == 4.5
    monkeypatch.setenv("READY_TIMEOUT", "5.5")
    assert load(ServerSettings).ready_timeout == 5.5


def test_another_kind_of_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://somewhere/else")
    with pytest.raises(SettingsError, match="DATABASE_URL must begin with") as refused:
        load(DatabaseSettings)
    assert "somewhere" not in str(refused.value)


def test_a_pool_that_leaves_nothing_to_requests_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", "2")
    with pytest.raises(SettingsError, match="DATABASE_POOL_SIZE must be 3 or more"):
        load(PoolSettings)


@pytest.mark.parametrize(("size", "sessions", "held"), [(10, "", 8), (10, "3", 3), (5, "3", 3)])
def test_requests_hold_as_many_sessions_as_are_set(
    monkeypatch: pytest.MonkeyPatch, size: int, sessions: str, held: int
) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", str(size))
    monkeypatch.setenv("DATABASE_MAX_SESSIONS", sessions)
    assert load(PoolSettings).max_sessions == held


def test_more_sessions_than_the_pool_has_for_requests_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_MAX_SESSIONS", "9")
    with pytest.raises(SettingsError, match="DATABASE_MAX_SESSIONS must be 8 or less"):
        load(PoolSettings)


def test_the_example_lists_every_setting_and_no_other() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    keys = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", example.read_text("utf-8"), re.MULTILINE)
    assert set(keys) == {name.upper() for name in Settings.model_fields}

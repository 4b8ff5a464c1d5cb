from pathlib import Path

import pytest

from app.core.settings.base import SettingsError, load
from app.core.settings.security import SecuritySettings


@pytest.fixture(autouse=True)
def no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("environment", ["development", "test", "staging", "production"])
def test_a_missing_secret_is_refused_everywhere(
    monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    with pytest.raises(SettingsError, match="SECRET_KEY is not set"):
        load(SecuritySettings)


@pytest.mark.parametrize(
    ("environment", "refused"),
    [("development", False), ("test", False), ("staging", True), ("production", True)],
)
def test_a_short_secret_is_refused_where_strangers_come(
    monkeypatch: pytest.MonkeyPatch, environment: str, refused: bool
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.setenv("SECRET_KEY", "changeme")
    if not refused:
        assert load(SecuritySettings).secret_key.get_secret_value() == "changeme"
        return
    with pytest.raises(SettingsError, match="SECRET_KEY has 8 characters") as error:
        load(SecuritySettings)
    assert "changeme" not in str(error.value)

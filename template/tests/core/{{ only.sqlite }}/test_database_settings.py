import pytest

from app.core.settings.base import SettingsError, load
from app.core.settings.database import DatabaseSettings


def test_a_url_needs_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///data/shop.db")
    url = load(DatabaseSettings).database_url.get_secret_value()
    assert url == "sqlite+aiosqlite:///data/shop.db"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_without_a_file_is_refused_everywhere(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError, match="DATABASE_URL must name a file"):
        load(DatabaseSettings)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_where_strangers_come_the_file_has_a_whole_path(
    monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SettingsError, match="DATABASE_URL must be the whole path"):
        load(DatabaseSettings)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///data/shop.db")
    with pytest.raises(SettingsError, match="DATABASE_URL must be the whole path"):
        load(DatabaseSettings)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/data/shop.db")
    assert load(DatabaseSettings).database_url.get_secret_value().endswith(":////srv/data/shop.db")

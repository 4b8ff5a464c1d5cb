from pathlib import Path

import pytest

from app.core.settings.base import SettingsError, load
from app.core.settings.database import DatabaseSettings


def test_a_url_as_hosting_providers_write_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ada:secret@db.example/shop")
    settings = load(DatabaseSettings)
    url = settings.database_url.get_secret_value()
    assert url == "postgresql+asyncpg://ada:secret@db.example/shop"
    assert "secret@" not in repr(settings)


def test_a_missing_url_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="DATABASE_URL is not set"):
        load(DatabaseSettings)

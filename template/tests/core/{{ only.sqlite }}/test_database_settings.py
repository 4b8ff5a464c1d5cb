import pytest

from app.core.settings.base import load
from app.core.settings.database import DatabaseSettings


def test_a_url_needs_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///data/shop.db")
    url = load(DatabaseSettings).database_url.get_secret_value()
    assert url == "sqlite+aiosqlite:///data/shop.db"

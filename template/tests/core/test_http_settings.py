from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.settings import Settings
from app.core.settings.base import SettingsError, load
from app.core.settings.http import HttpSettings
from app.core.settings.server import ServerSettings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no setting but what a test sets, and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.chdir(tmp_path)


def test_names_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " api.example.com, *.example.org ,")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.7,2001:db8::/32")
    settings = load(HttpSettings)
    assert settings.hosts == ("api.example.com", "*.example.org")
    assert [str(network) for network in settings.trusted_networks] == [
        "10.0.0.7/32",
        "2001:db8::/32",
    ]


def test_in_development_any_host_is_answered() -> None:
    assert load(HttpSettings).hosts == ("*",)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_all_that_is_not_safe_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example.com,*")
    monkeypatch.setenv("DATABASE_URL", "")
    with pytest.raises(SettingsError) as refused:
        load(Settings)
    said = str(refused.value)
    for problem in ("DEBUG is on", "CORS_ORIGINS is *", "ALLOWED_HOSTS is not set", "DATABASE_URL"):
        assert problem in said
    monkeypatch.setenv("ALLOWED_HOSTS", "*")
    with pytest.raises(SettingsError, match=r"ALLOWED_HOSTS is \*"):
        load(HttpSettings)


def test_an_environment_that_is_none_counts_as_the_strictest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "produktion")
    monkeypatch.setenv("DEBUG", "true")
    with pytest.raises(SettingsError, match="DEBUG is on"):
        load(ServerSettings)


def test_anybody_may_not_send_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "*")
    assert load(HttpSettings).cors_origins == ("*",)
    monkeypatch.setenv("CORS_CREDENTIALS", "true")
    with pytest.raises(SettingsError, match="CORS_CREDENTIALS is on"):
        load(HttpSettings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALLOWED_HOSTS", "api.example.com:443"),
        ("ALLOWED_HOSTS", "https://api.example.com"),
        ("CORS_ORIGINS", "app.example.com"),
        ("CORS_ORIGINS", "https://app.example.com/"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.7/8"),
        ("RATE_LIMIT_ADDRESS", "often"),
        ("MAX_BODY_SIZE", "0"),
        ("REQUEST_TIMEOUT", "0"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load(HttpSettings)


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "swordfish-swordfish-swordfish-1234567"
    fields = Settings.model_fields.items()
    secrets = [name for name, field in fields if field.annotation is SecretStr]
    hidden = dict.fromkeys(secrets, SecretStr(secret))
    settings = Settings.model_construct().model_copy(update=hidden)
    assert "swordfish" not in f"{settings!r} {settings} {settings.model_dump()}"
    monkeypatch.setenv("DATABASE_URL", secret)
    with pytest.raises(SettingsError) as refused:
        load(Settings)
    assert "swordfish" not in str(refused.value)

from pathlib import Path

import pytest

from app.core import about
from app.core.settings.base import SettingsError, load
from app.core.settings.security import SecuritySettings


@pytest.fixture(autouse=True)
def no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SecuritySettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
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


def test_a_long_secret_of_few_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "changeme" * 8)
    with pytest.raises(SettingsError, match="SECRET_KEY was not chosen at random"):
        load(SecuritySettings)


def test_old_secrets_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.setenv("SECRET_KEY", "one")
    assert load(SecuritySettings).old_secret_keys == ()
    monkeypatch.setenv("OLD_SECRET_KEYS", "two, three,")
    found = load(SecuritySettings)
    assert [old.get_secret_value() for old in found.old_secret_keys] == ["two", "three"]
    assert "three" not in repr(found)


@pytest.mark.parametrize(
    ("weak", "reason"), [("changeme", "has 8 characters"), ("changeme" * 8, "was not chosen")]
)
def test_an_old_secret_is_as_strong_as_the_one_that_signs(
    monkeypatch: pytest.MonkeyPatch, weak: str, reason: str
) -> None:
    strong = "".join(chr(ord("A") + number) for number in range(40))
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", strong)
    monkeypatch.setenv("OLD_SECRET_KEYS", f"{strong},{weak}")
    with pytest.raises(SettingsError, match=f"OLD_SECRET_KEYS {reason}") as error:
        load(SecuritySettings)
    assert "changeme" not in str(error.value)


def test_tokens_are_the_services_own_where_nobody_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    monkeypatch.setenv("SECRET_KEY", "one")
    found = load(SecuritySettings)
    assert (found.token_issuer, found.token_audience) == (about.NAME, about.NAME)


@pytest.mark.parametrize("environment", ["", "development", "staging", "production"])
def test_hashes_that_cost_nothing_are_for_tests_alone(
    monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("SECRET_KEY", "Zq3v8Lk1Xw5Tn7Rb2Md9Hc4Js6Pf0Gy-")
    monkeypatch.setenv("CHEAP_PASSWORD_HASHES", "true")
    monkeypatch.setenv("ENVIRONMENT", environment)
    with pytest.raises(SettingsError, match="CHEAP_PASSWORD_HASHES is on"):
        load(SecuritySettings)
    monkeypatch.setenv("ENVIRONMENT", "test")
    assert load(SecuritySettings).cheap_password_hashes


def test_a_limit_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "Zq3v8Lk1Xw5Tn7Rb2Md9Hc4Js6Pf0Gy-")
    monkeypatch.setenv("LOGIN_LIMIT_ACCOUNT", "now and then")
    with pytest.raises(SettingsError, match="LOGIN_LIMIT_ACCOUNT must be a number and a time"):
        load(SecuritySettings)

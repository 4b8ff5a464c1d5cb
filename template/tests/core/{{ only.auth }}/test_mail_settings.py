from pathlib import Path

import pytest

from app.core.settings.base import SettingsError, load
from app.core.settings.mail import MailSettings


@pytest.fixture(autouse=True)
def no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in MailSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "url",
    ["http://us:hidden@mail.example", "smtp://", "mail.example:587", "smtp://us:hidden@mail:x"],
)
def test_what_is_no_mail_server_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SMTP_URL", url)
    with pytest.raises(SettingsError, match="SMTP_URL must be smtp://") as refused:
        load(MailSettings)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "refused"),
    [("development", False), ("test", False), ("staging", True), ("production", True)],
)
def test_mail_to_strangers_comes_from_somebody(
    monkeypatch: pytest.MonkeyPatch, environment: str, refused: bool
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    load(MailSettings)
    monkeypatch.setenv("SMTP_URL", "smtps://mail.example")
    monkeypatch.setenv("LINKS_URL", "https://app.example.com")
    if refused:
        with pytest.raises(SettingsError, match="MAIL_FROM is not set, and SMTP_URL is"):
            load(MailSettings)
    monkeypatch.setenv("MAIL_FROM", "us@example.org")
    assert load(MailSettings).mail_from == "us@example.org"


def test_a_sender_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_FROM", "us at example.org")
    with pytest.raises(SettingsError, match="MAIL_FROM"):
        load(MailSettings)


@pytest.mark.parametrize(
    ("environment", "refused"),
    [("development", False), ("test", False), ("staging", True), ("production", True)],
)
def test_links_lead_to_a_site_that_nobody_listens_to(
    monkeypatch: pytest.MonkeyPatch, environment: str, refused: bool
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.setenv("SMTP_URL", "smtps://mail.example")
    monkeypatch.setenv("MAIL_FROM", "us@example.org")
    if not refused:
        assert load(MailSettings).link("page", "x") == "http://127.0.0.1:8000/page#token=x"
    for url, reason in (("", "is not set, and SMTP_URL is"), ("http://a.example", "https://")):
        monkeypatch.setenv("LINKS_URL", url)
        if refused:
            with pytest.raises(SettingsError, match=f"LINKS_URL .*{reason}"):
                load(MailSettings)
        else:
            load(MailSettings)
    monkeypatch.setenv("LINKS_URL", "https://app.example.com/desk/")
    assert load(MailSettings).link("page", "x") == "https://app.example.com/desk/page#token=x"


@pytest.mark.parametrize("url", ["app.example.com", "https://a.example/?x=", "javascript://x/#"])
def test_what_no_link_can_lead_to_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("LINKS_URL", url)
    with pytest.raises(SettingsError, match="LINKS_URL must be the address of a site"):
        load(MailSettings)

"""Delivery to a real mail server."""

import socket
import traceback
from collections.abc import Generator
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from app.core.mail import Mail, Undeliverable, deliver
from app.core.settings import Settings

MAIL = Mail("k1", "ada@example.com", "Tea", ("It is ready.",))


class Mailboxes:
    """What a mail server answers to an address and to a mail, and what it took."""

    def __init__(self) -> None:
        self.to_address = self.to_mail = "250 OK"
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(  # noqa: N802, aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        del server, session, options
        if self.to_address.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_address

    async def handle_DATA(  # noqa: N802, aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        del server, session
        if self.to_mail.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.to_mail


@pytest.fixture
def mailboxes() -> Mailboxes:
    return Mailboxes()


@pytest.fixture
def over_smtp(mailboxes: Mailboxes, settings: Settings) -> Generator[Settings]:
    """Give settings with a mail server that runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(mailboxes, hostname="127.0.0.1", port=port)
    server.start()
    url = SecretStr(f"smtp://127.0.0.1:{port}")
    yield settings.model_copy(update={"smtp_url": url, "mail_from": "us@example.org"})
    server.stop()


async def test_a_mail_server_gets_the_mail(over_smtp: Settings, mailboxes: Mailboxes) -> None:
    await deliver(MAIL, over_smtp)
    ((sender, to, content),) = mailboxes.taken
    assert (sender, to) == ("us@example.org", ["ada@example.com"])
    assert b"Message-ID: <k1@example.org>" in content


async def test_an_address_that_is_refused_for_good_gets_no_other_attempt(
    over_smtp: Settings, mailboxes: Mailboxes
) -> None:
    mailboxes.to_address = "550 5.1.1 Nobody of that name"
    with pytest.raises(Undeliverable, match="refuses the address"):
        await deliver(MAIL, over_smtp)


async def test_a_mail_that_is_refused_for_good_gets_no_other_attempt(
    over_smtp: Settings, mailboxes: Mailboxes
) -> None:
    mailboxes.to_mail = "554 5.7.1 Not here"
    with pytest.raises(Undeliverable, match="554"):
        await deliver(MAIL, over_smtp)


async def test_a_mail_server_that_says_later_is_asked_later(
    over_smtp: Settings, mailboxes: Mailboxes
) -> None:
    mailboxes.to_address = "450 4.2.0 Later"
    with pytest.raises(aiosmtplib.SMTPException):
        await deliver(MAIL, over_smtp)
    mailboxes.to_address, mailboxes.to_mail = "250 OK", "451 4.3.0 Later"
    with pytest.raises(aiosmtplib.SMTPException):
        await deliver(MAIL, over_smtp)


@pytest.mark.parametrize("code", ["450", "550"])
@pytest.mark.parametrize("refused", ["to_address", "to_mail"])
async def test_what_is_logged_of_a_refusal_does_not_say_whose_it_is(
    over_smtp: Settings, mailboxes: Mailboxes, refused: str, code: str
) -> None:
    setattr(mailboxes, refused, f"{code} <{MAIL.to}> greylisted")
    with pytest.raises((aiosmtplib.SMTPException, Undeliverable)) as told:
        await deliver(MAIL, over_smtp)
    logged = repr(told.value) + "".join(traceback.format_exception(told.value))
    assert "the mail server" in logged
    assert MAIL.to not in logged


async def test_a_password_goes_over_no_open_connection(
    over_smtp: Settings, mailboxes: Mailboxes
) -> None:
    url = over_smtp.smtp_url.get_secret_value().replace("//", "//us:hidden@")
    with pytest.raises(aiosmtplib.SMTPException, match="SMTP_URL has a password") as refused:
        await deliver(MAIL, over_smtp.model_copy(update={"smtp_url": SecretStr(url)}))
    assert "hidden" not in str(refused.value)
    assert mailboxes.taken == []


async def test_a_mail_server_that_is_gone_is_asked_later(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})
    with pytest.raises((OSError, aiosmtplib.SMTPException)):
        await deliver(MAIL, nowhere)

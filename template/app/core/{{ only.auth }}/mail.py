"""E-mail, as text and as HTML: over SMTP where SMTP_URL is set, else as files in `var/mail`."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import parseaddr
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.core import about
from app.core.settings.mail import MailSettings

logger = logging.getLogger(__name__)

FOLDER = Path("var/mail")
TIMEOUT = 15.0  # seconds for each step of a delivery
SUBMISSION = {"smtp": 587, "smtps": 465}  # ports: RFC 6409 and RFC 8314


class Undeliverable(Exception):
    """The mail server refuses this mail for good (a 5yz reply, RFC 5321 section 4.2.1)."""


class Link(str):
    """A paragraph that is an address: in HTML it can be clicked."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """`key` is the same each time one mail is sent, so that a mailbox can drop a second copy."""

    key: str
    to: str
    subject: str
    paragraphs: tuple[str, ...]

    def message(self, sender: str) -> EmailMessage:
        """Write it as MIME: the same words as text, for those who read text, and as HTML."""
        message = EmailMessage(policy=SMTPUTF8)
        name, address = parseaddr(sender)
        message["From"] = Address(name or about.TITLE, addr_spec=address)
        message["To"] = Address(addr_spec=self.to)
        message["Subject"] = self.subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = f"<{self.key}@{address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing answers it by itself
        message.set_content("\n\n".join(self.paragraphs) + "\n")
        message.add_alternative(html(self.subject, self.paragraphs), subtype="html")
        return message


def html(title: str, paragraphs: tuple[str, ...]) -> str:
    body = "\n".join(f"<p>{inside(paragraph)}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def inside(paragraph: str) -> str:
    text = escape(paragraph)
    return f'<a href="{text}">{text}</a>' if isinstance(paragraph, Link) else text


async def deliver(mail: Mail, settings: MailSettings) -> None:
    """Hand a mail over.

    What it raises is logged: so it has no word of an answer, in which servers quote addresses.

    Raises:
        Undeliverable: where another attempt would not help.
        OSError, aiosmtplib.SMTPException: where it may.
    """
    message = mail.message(settings.mail_from)
    url = settings.smtp_url.get_secret_value()
    if url:
        await send(message, url)
    else:
        file = await asyncio.to_thread(write, message, mail.key)
        logger.warning("SMTP_URL is not set: a mail was written to %s", file)


async def send(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    # With `smtp:` the connection is encrypted where the server offers it (STARTTLS). A password
    # goes over no other: who stands in between could take the offer away.
    has_secret = parts.scheme == "smtp" and bool(parts.username)
    try:
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or SUBMISSION[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=True if has_secret else None,
            timeout=TIMEOUT,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(refused.code >= 500 for refused in error.recipients):
            raise Undeliverable("the mail server refuses the address") from None
        raise aiosmtplib.SMTPException("the mail server refuses the address for now") from None
    except aiosmtplib.SMTPResponseException as error:
        # A wrong password is mended by whoever runs this, and then the mail shall leave.
        if error.code >= 500 and not isinstance(error, aiosmtplib.SMTPAuthenticationError):
            raise Undeliverable(f"the mail server answered {error.code}") from None
        raise aiosmtplib.SMTPException(
            f"the mail server answered {error.code}: {type(error).__name__}"
        ) from None
    except aiosmtplib.SMTPException as error:
        if has_secret and "STARTTLS extension not supported" in str(error):
            raise aiosmtplib.SMTPException(
                "SMTP_URL has a password, and its server offers no encryption (STARTTLS): use "
                "smtps://, or a server that offers it."
            ) from error
        raise


def write(message: EmailMessage, key: str) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{key}.eml"
    partial = file.with_suffix(".part")
    partial.write_bytes(bytes(message))
    return partial.rename(file)

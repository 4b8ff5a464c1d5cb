"""The mail that welcomes a new account: sent, found, and read as a mail program reads it."""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import httpx2
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.harness.servers.private import free_port

# Gives every mail that has come so far.
Inbox = Callable[[], Sequence[EmailMessage]]


def register(service: str) -> str:
    """Register somebody new over HTTP, and give their address."""
    email = f"new-{secrets.token_hex(6)}@example.com"
    account = {"email": email, "password": secrets.token_urlsafe(16)}
    answer = httpx2.post(f"{service}/api/v1/users", json=account, timeout=20)
    assert answer.status_code == 202, answer.text
    return email


def parse(content: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(content)


def files(service: Path) -> Inbox:
    """Look where a service without SMTP_URL leaves its mail."""
    return lambda: [parse(path.read_bytes()) for path in (service / "var/mail").glob("*.eml")]


def has_come(inbox: Inbox, address: str, seconds: float) -> EmailMessage | None:
    """Give the mail to an address as soon as it is there; None where none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        for message in inbox():
            if address in str(message["To"]):
                return message
        if time.monotonic() > deadline:
            return None
        time.sleep(0.1)


def expect(inbox: Inbox, address: str, seconds: float = 20) -> EmailMessage:
    """Wait for the mail to an address, and hold it against what every mail must be."""
    message = has_come(inbox, address, seconds)
    assert message is not None, f"no mail to {address} within {seconds:.0f} s"
    assert message["To"].addresses[0].addr_spec == address
    assert len(message["To"].addresses) == 1, message["To"]
    assert message["From"].addresses, "nobody sent it"
    assert message["Subject"], "it is about nothing"
    texts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    for kind in ("text/plain", "text/html"):
        assert kind in texts, f"{kind} is not among {sorted(texts)}"
        assert texts[kind].get_content().strip(), f"its {kind} is empty"
    return message


def confirm(service: str, inbox: Inbox, address: str) -> None:
    """Show that mail to an address arrives, as somebody does who follows the link."""
    text = expect(inbox, address).get_body(("plain",))
    assert isinstance(text, EmailMessage)
    link = re.search(r"^https?://\S+/verify-email#token=(\S+)", text.get_content(), re.MULTILINE)
    assert link, text.get_content()
    proof = {"token": link[1]}
    answer = httpx2.post(f"{service}/api/v1/users/verify-email", json=proof, timeout=20)
    assert answer.status_code == 204, answer.text


class Collector:
    """Takes every mail that an SMTP server is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802, the name and the arguments are aiosmtpd's
        message = parse(envelope.original_content or b"")
        assert envelope.rcpt_tos == [each.addr_spec for each in message["To"].addresses]
        self.messages.append(message)
        return "250 OK"


@contextmanager
def smtp_server() -> Iterator[tuple[str, Inbox]]:
    """Serve SMTP; give the address, and what has come."""
    collector = Collector()
    controller = Controller(collector, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}", lambda: list(collector.messages)
    finally:
        controller.stop()

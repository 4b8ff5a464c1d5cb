from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.mail import Mail, deliver, write
from app.core.settings import Settings

MAIL = Mail("k1", "ada@example.com", "Tea & <cake>", ("1 < 2", "Grüße"))


def read(text: bytes) -> EmailMessage:
    message = message_from_bytes(text, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    text: str = found.get_content()
    return text.replace("\r\n", "\n")


def test_a_mail_says_the_same_as_text_and_as_html() -> None:
    message = read(bytes(MAIL.message("us@example.org")))
    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "plain") == "1 < 2\n\nGrüße\n"
    assert "<p>1 &lt; 2</p>\n<p>Grüße</p>" in part(message, "html")
    assert "<title>Tea &amp; &lt;cake&gt;</title>" in part(message, "html")


def test_a_mail_is_addressed_and_keeps_its_key() -> None:
    message = read(bytes(MAIL.message("us@example.org")))
    assert message["From"].addresses[0].addr_spec == "us@example.org"
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Tea & <cake>")
    assert message["Message-ID"] == "<k1@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None


def files(mailbox: Path) -> list[Path]:
    return list(mailbox.iterdir())


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y"])
def test_an_address_adds_no_header(to: str) -> None:
    with pytest.raises(ValueError, match=r"[Ii]nvalid|CR or LF"):
        Mail("k1", to, "Tea", ()).message("us@example.org")


async def test_without_a_mail_server_a_mail_is_a_whole_file(
    settings: Settings, mailbox: Path
) -> None:
    for _ in range(2):
        await deliver(MAIL, settings.model_copy(update={"smtp_url": SecretStr("")}))
    (file,) = files(mailbox)
    assert file.name == "k1.eml"
    assert "Grüße" in part(read(file.read_bytes()), "plain")


def test_who_looks_while_a_file_is_written_finds_none(
    mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Path]] = []
    rename = Path.rename

    def look(file: Path, to: Path) -> Path:
        seen.append(list(mailbox.glob("*.eml")))
        return rename(file, to)

    monkeypatch.setattr(Path, "rename", look)
    write(MAIL.message("us@example.org"), "k1")
    assert seen == [[]]
    assert len(list(mailbox.glob("*.eml"))) == 1

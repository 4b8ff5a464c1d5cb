"""The mails of a test: written by the real tasks, from the jobs of the real queue."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from app.registry import import_tasks
from app.worker.broker import Queue
from app.worker.perform import perform
from app.worker.task import Resources
from tests.broker import empty, waiting


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


def token_in(message: EmailMessage) -> str:
    """Read the token from the link of a mail, as the page of a site does."""
    found = re.search(r"^https?://\S+#token=(\S+)$", text_of(message), re.MULTILINE)
    assert found, text_of(message)
    return found[1]


class Post:
    def __init__(self, resources: Resources, mailbox: Path) -> None:
        import_tasks()
        self.resources = resources
        self.mailbox = mailbox
        self.queue: Queue = resources.queue  # type: ignore[assignment]

    async def deliver(self) -> list[EmailMessage]:
        """Do every job that waits, in order; give the mails that they sent, and forget them."""
        mails = []
        while jobs := await waiting(self.queue):
            await empty(self.queue)
            for job in jobs:
                assert await perform(job, 1, self.resources) is None
                for file in self.mailbox.glob("*.eml"):
                    message = message_from_bytes(file.read_bytes(), policy=policy.default)
                    assert isinstance(message, EmailMessage)
                    mails.append(message)
                    file.unlink()
        return mails

    async def to(self, email: str) -> list[EmailMessage]:
        return [mail for mail in await self.deliver() if mail["To"] == email]

    async def token(self, email: str) -> str:
        """Give the token of the one mail with a link that comes to an address."""
        (mail,) = await self.to(email)
        return token_in(mail)

"""What every broker offers, and what can go wrong with one."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from app.core.clock import now
from app.worker.payload import Job


class QueueError(Exception):
    """The queue cannot be used; the message says why, in one line."""


class Queue(Protocol):
    async def send(self, job: Job) -> None:
        """Hand a job over.

        Raises:
            QueueError: where it was not taken.
        """


@dataclass(frozen=True, slots=True)
class Aside:
    """A job that could not be done, kept until somebody has looked at it."""

    job: Job
    reason: str
    at: str = field(default_factory=lambda: now().isoformat(timespec="seconds"))

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Aside":
        """Read one that was written as JSON."""
        job = fields["job"]
        return cls(Job(job["task"], job["payload"], job["id"]), fields["reason"], fields["at"])

"""What travels: a task's name, and what it has to know."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from app.core.ids import new_id

# Bytes of JSON. A payload names things, it does not carry them: pass the id of a row, not the row.
MAX_PAYLOAD = 64 * 1024


class Payload(BaseModel):
    """What a task has to know. `task` is its name: waiting messages carry it, so it never changes.

    A message outlives a release. To add a field, give it a default; to take one away or to change
    what it means, declare another task and keep this one until nothing waits for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    task: ClassVar[str]


# What a service is given to enqueue with: the job leaves when its transaction has committed.
Enqueue = Callable[[Payload], None]


class PayloadTooLarge(ValueError):
    """A payload whose JSON has more than MAX_PAYLOAD bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the payload has {size} bytes, and {MAX_PAYLOAD} are allowed")


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a task, as it waits in a queue."""

    task: str
    payload: Any
    id: str = field(default_factory=lambda: new_id().hex)

    @classmethod
    def of(cls, payload: Payload) -> "Job":
        """Check a payload once more, as it may have been made without, and give its job.

        Raises:
            ValidationError: for a payload that its own type refuses.
            PayloadTooLarge: for one that is too large.
        """
        checked = type(payload).model_validate_json(payload.model_dump_json(warnings=False))
        job = cls(payload.task, checked.model_dump(mode="json"))
        refuse_too_large(job.payload)
        return job


def refuse_too_large(payload: Any) -> None:
    size = len(json.dumps(payload, ensure_ascii=False).encode())
    if size > MAX_PAYLOAD:
        raise PayloadTooLarge(size)

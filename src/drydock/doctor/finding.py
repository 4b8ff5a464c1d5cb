"""What was looked at, what there is to say of it, and what to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands: a warning is no fault, or none of the service."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing; `commands` are what to type, in this order."""

    name: str
    verdict: Verdict
    says: str
    commands: Sequence[str] = ()


def ok(name: str, says: str) -> Finding:
    """Find nothing amiss."""
    return Finding(name, Verdict.OK, says)


def warning(name: str, says: str, *commands: str) -> Finding:
    """Find what somebody should know."""
    return Finding(name, Verdict.WARNING, says, commands)


def failed(name: str, says: str, *commands: str) -> Finding:
    """Find what will not work."""
    return Finding(name, Verdict.FAILED, says, commands)

"""What became of an attempt at a job; None is: it is done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Again:
    """The attempt failed: the next one is due in `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class SetAside:
    """The job cannot be done, for a reason that a person has to look at."""

    reason: str

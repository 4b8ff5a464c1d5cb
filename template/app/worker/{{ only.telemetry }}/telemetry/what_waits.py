from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs that are due and wait for a place; `oldest` is in seconds, where the broker can tell."""

    depth: int
    oldest: float | None = None


# Looks without changing anything. Nothing where the broker does not answer: readiness says that.
Look = Callable[[], Waiting | None]

"""The settings of a test run's broker: there is none."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def broker_settings(_: str) -> Generator[dict[str, Any]]:
    """Give no setting."""
    yield {}

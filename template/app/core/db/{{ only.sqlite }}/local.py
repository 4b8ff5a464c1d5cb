"""The database of a developer's machine: a file, so there is nothing to start."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def local_database() -> Generator[None]:
    yield

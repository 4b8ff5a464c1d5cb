"""What each line of the log says of the request, or the job, that it is about.

`structlog.contextvars` would do the same; but whatever imports it waits for all of structlog, and
commands that write no log import this.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

subject: ContextVar[Mapping[str, object]] = ContextVar("subject", default=MappingProxyType({}))


def tell(**fields: object) -> None:
    """Add to what lines say until the request or the job has ended."""
    subject.set({**subject.get(), **fields})


@contextmanager
def about(**fields: object) -> Generator[None]:
    """Have the lines of a block say what it is about, and what is told in it."""
    token = subject.set({**subject.get(), **fields})
    try:
        yield
    finally:
        subject.reset(token)

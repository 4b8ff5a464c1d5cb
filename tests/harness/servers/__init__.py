"""The servers that the tests use: of each kind the one named, the local one, or one of their own.

The first process of a run decides, and passes its choice on to the workers in the environment.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from uuid import uuid4

from tests.harness import reaper
from tests.harness.servers.kind import (
    PREFIX,
    Broker,
    Kind,
    Server,
    UnreachableError,
    without_secrets,
)
from tests.harness.servers.postgres import POSTGRES, postgres_database, sqlite_database
from tests.harness.servers.rabbitmq import RABBITMQ, rabbitmq_broker
from tests.harness.servers.redis import REDIS, redis_broker

__all__ = [
    "KINDS",
    "POSTGRES",
    "RABBITMQ",
    "REDIS",
    "Broker",
    "Kind",
    "Server",
    "UnreachableError",
    "absent",
    "chosen",
    "clear",
    "lost",
    "postgres_database",
    "rabbitmq_broker",
    "redis_broker",
    "sqlite_database",
]

KINDS = (POSTGRES, REDIS, RABBITMQ)
# How often a server is asked, a second apart, before it counts as gone: machines have busy moments.
ATTEMPTS = 3
GONE: list[str] = []
ABSENT = "DRYDOCK_TEST_ABSENT"


@contextmanager
def chosen() -> Iterator[list[Server]]:
    """Choose the servers of a run; at its end nothing of it is left in them, and ours are gone.

    Raises:
        UnreachableError: where one was named and does not answer; in CI, where one is missing.
    """
    prefix = f"drydock_{uuid4().hex[:8]}"
    with ExitStack() as stack:
        stack.enter_context(reaper.running())
        found, missing = [], []
        for kind in KINDS:
            if (server := kind.choose()) is None:
                missing.append(kind)
                continue
            found.append(server)
            # First, and so released last: until then it has something of this run in it.
            stack.enter_context(reaper.held("server", kind.key, server.url, prefix))
            stack.callback(server.end)
            # A worker that was ended in the middle of a test has removed nothing.
            stack.callback(clear, kind, server.url, prefix)
            stack.enter_context(passed_on(kind.chosen, server.url))
        if missing and os.environ.get("CI") == "true":
            raise UnreachableError(
                "in CI every test runs, and that needs "
                + ", and ".join(f"{kind.name}: {kind.how_to_get_one}" for kind in missing)
            )
        stack.enter_context(passed_on(PREFIX, prefix))
        stack.enter_context(passed_on(ABSENT, " ".join(kind.key for kind in missing)))
        yield found


@contextmanager
def passed_on(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment, which the workers of a run inherit."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


def absent() -> list[Kind]:
    """Name the kinds that this run has no server of."""
    return [kind for kind in KINDS if kind.key in os.environ.get(ABSENT, "").split()]


def clear(kind: Kind, url: str, prefix: str) -> None:
    """Remove what a run with a prefix left in a server, unless the server is gone with it."""
    try:
        kind.remove(url, prefix)
    except Exception:
        with suppress(UnreachableError):
            kind.version_of(url)
            raise


def lost() -> list[str]:
    """Name in a line each server of this run that no longer answers, and why.

    The run ends for one, so the first answer that names any is the last.
    """
    for kind in KINDS if not GONE else ():
        if (url := os.environ.get(kind.chosen)) and (reason := silence(kind, url)):
            GONE.append(f"{kind.name} at {without_secrets(url)} stopped answering: {reason}")
    return GONE


def silence(kind: Kind, url: str) -> str:
    """Say why a server does not answer; empty where it does, if only when asked again."""
    reason = ""
    for attempt in range(ATTEMPTS):
        time.sleep(1 if attempt else 0)
        try:
            kind.version_of(url)
        except UnreachableError as error:
            reason = " ".join(str(error).split()) or "no reason"
        else:
            return ""
    return reason

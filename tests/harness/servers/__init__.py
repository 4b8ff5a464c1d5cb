"""The servers that the tests use: of each kind the one named, the local one, or one of their own.

The first process of a run decides, and passes its choice on to the workers in the environment.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from tests.harness.servers.kind import PREFIX, Broker, Kind, Server, UnreachableError
from tests.harness.servers.postgres import (
    POSTGRES,
    for_asyncpg,
    named_database,
    plain,
    postgres_database,
    sqlite_database,
)
from tests.harness.servers.rabbitmq import RABBITMQ, rabbitmq_broker
from tests.harness.servers.redis import REDIS, redis_broker

__all__ = [
    "KINDS",
    "POSTGRES",
    "RABBITMQ",
    "REDIS",
    "Broker",
    "Kind",
    "Postgres",
    "Server",
    "UnreachableError",
    "absent",
    "choose",
    "chosen",
    "for_asyncpg",
    "named_database",
    "plain",
    "postgres_database",
    "rabbitmq_broker",
    "redis_broker",
    "sqlite_database",
    "stop",
]

KINDS = (POSTGRES, REDIS, RABBITMQ)
Postgres = Server
ABSENT = "DRYDOCK_TEST_ABSENT"


@contextmanager
def chosen() -> Iterator[list[Server]]:
    """Choose the servers of a run; at its end nothing of it is left in them, and ours are gone.

    Raises:
        UnreachableError: where one was named and does not answer; in CI, where one is missing.
    """
    prefix = f"drydock_{uuid4().hex[:8]}"
    with ExitStack() as stack:
        found, missing = [], []
        for kind in KINDS:
            if (server := kind.choose()) is None:
                missing.append(kind)
                continue
            found.append(server)
            stack.callback(server.end)
            # A worker that was ended in the middle of a test has removed nothing.
            stack.callback(kind.remove, server.url, prefix)
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


def choose() -> Postgres:
    """Find or start PostgreSQL alone, for what measures and needs no other.

    Raises:
        UnreachableError: where one was named and does not answer.
    """
    server = POSTGRES.choose()
    assert server is not None, "the wheel that carries it is for every platform"
    return server


def stop(server: Server) -> None:
    """End a server that is ours; leave any other as it is."""
    server.end()

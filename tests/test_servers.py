"""The servers of a run: found or started, never taken on trust, and nothing left in them."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import amqp  # type: ignore[import-untyped]
import psycopg
import pytest
import redis

from tests.harness import servers
from tests.harness.paths import ROOT
from tests.harness.process import Finished, attempt, environment
from tests.harness.servers import KINDS, POSTGRES, RABBITMQ, REDIS, Kind
from tests.harness.servers.kind import PREFIX
from tests.harness.servers.rabbitmq import connection, ledger

NAMED = {
    "postgres": "postgresql+asyncpg://x:secret@127.0.0.1:1/x",
    "redis": "redis://:secret@127.0.0.1:1/0",
    "rabbitmq": "amqp://x:secret@127.0.0.1:1/%2F",
}
# Runs tests where RabbitMQ is neither at its usual address nor installed.
WITHOUT_RABBITMQ = """
import dataclasses, sys, pytest
from tests.harness import servers
gone = {"local": "amqp://127.0.0.1:1/", "start_private": lambda: None}
servers.KINDS = (
    servers.POSTGRES, servers.REDIS, dataclasses.replace(servers.RABBITMQ, **gone)
)
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_private_server_is_there_and_then_gone(kind: Kind) -> None:
    server = kind.start_private()
    if server is None:
        pytest.skip(f"there is no {kind.name} to start here")
    try:
        assert "private" in str(server)
        assert kind.version_of(server.url) == server.version
    finally:
        server.end()
    with pytest.raises(servers.UnreachableError):
        kind.version_of(server.url)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_named_server_that_does_not_answer_is_an_error(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kind.named, NAMED[kind.key])
    with pytest.raises(servers.UnreachableError, match=kind.named) as caught:
        kind.choose()
    assert "secret" not in str(caught.value)
    monkeypatch.setenv(kind.named, NAMED[kind.key].replace(":1/", ":port/"))
    with pytest.raises(servers.UnreachableError, match=kind.named):
        kind.choose()


@pytest.fixture
def babbler() -> Iterator[int]:
    """A port where something answers that is none of these servers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(100)
                    caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=babble, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_open_port_is_no_server(kind: Kind, babbler: int) -> None:
    with pytest.raises(servers.UnreachableError):
        kind.version_of(kind.plain(NAMED[kind.key]).replace(":1/", f":{babbler}/"))


def test_databases_are_removed() -> None:
    with servers.postgres_database() as url:
        name = url.split("/")[3].split("?")[0]
        with psycopg.connect(POSTGRES.address, autocommit=True) as connection:
            connection.execute(f'create database "{name}_of_the_service"'.encode())
    with psycopg.connect(POSTGRES.address) as connection:
        rows = connection.execute("select datname from pg_database").fetchall()
    assert [each for (each,) in rows if each.startswith(name)] == []


@pytest.mark.needs("redis")
def test_keys_are_removed() -> None:
    with redis.Redis.from_url(REDIS.address) as client:
        with servers.redis_broker() as broker, servers.redis_broker() as other:
            client.set(broker.queue, 1)
            client.set(f"{broker.queue}:of:the:service", 1)
            client.set(other.queue, 1)
            REDIS.remove(broker.url, broker.queue)
            assert list(client.scan_iter(f"{broker.queue}*")) == []
            assert client.get(other.queue) is not None
        assert client.get(other.queue) is None


@pytest.mark.needs("rabbitmq")
def test_queues_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = f"{os.environ[PREFIX]}_other_run"
    monkeypatch.setenv(PREFIX, prefix)
    with servers.rabbitmq_broker() as given_back:
        declare(given_back)
    assert not is_there(given_back)
    with servers.rabbitmq_broker() as kept:
        declare(kept)
        RABBITMQ.remove(kept.url, prefix)
        assert not is_there(kept)
        assert not ledger(prefix).exists()


def declare(broker: servers.Broker) -> None:
    with connection(broker.url) as server:
        server.channel().queue_declare(broker.queue, durable=True, auto_delete=False)
    assert is_there(broker)


def is_there(broker: servers.Broker) -> bool:
    with connection(broker.url) as server:
        try:
            server.channel().queue_declare(broker.queue, passive=True)
        except amqp.NotFound:
            return False
    return True


def run_without_rabbitmq(folder: Path, **env: str) -> Finished:
    tests = ("tests/test_servers.py", "-k", "queues_are or open_port", "-v")
    command = [sys.executable, "-c", WITHOUT_RABBITMQ, *tests, "-o", f"cache_dir={folder}"]
    return attempt(command, cwd=ROOT, env=environment(env))


def test_what_needs_an_absent_server_is_left_out_and_said_last(tmp_path: Path) -> None:
    done = run_without_rabbitmq(tmp_path)
    assert done.code == 0, done.output
    assert "skipped" not in done.output
    assert "test_open_port_is_no_server" in done.output
    assert "test_queues_are_removed" not in done.output
    assert done.output.splitlines()[-1] == (
        "Not run: the tests on RabbitMQ. To run them, install rabbitmq-server, "
        "or set DRYDOCK_TEST_RABBITMQ_URL."
    )


def test_in_ci_nothing_is_left_out(tmp_path: Path) -> None:
    done = run_without_rabbitmq(tmp_path, CI="true")
    assert done.code == pytest.ExitCode.USAGE_ERROR
    assert "RabbitMQ: install rabbitmq-server" in done.output
    assert "passed" not in done.output

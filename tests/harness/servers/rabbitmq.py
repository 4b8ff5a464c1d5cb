"""RabbitMQ, where the tasks of a service wait; its own node is started where it is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import amqp  # type: ignore[import-untyped]

from tests.harness.process import start
from tests.harness.servers.kind import PREFIX, Broker, Kind, Server, UnreachableError, new_name
from tests.harness.servers.private import (
    answer_of,
    end_process,
    free_port,
    new_folder,
    remove_folder,
)

# Debian's rabbitmq-server in /usr/sbin runs as its own user only, and writes into that one's home:
# what it wraps comes first.
FOLDERS = os.pathsep.join(["/usr/lib/rabbitmq/bin", os.environ["PATH"], "/usr/sbin"])


def connection(url: str) -> Any:
    """Prepare a connection: AMQP 0-9-1, whose default virtual host is called `/`."""
    parts = urlsplit(url)
    return amqp.Connection(
        f"{parts.hostname}:{parts.port or 5672}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        connect_timeout=3,
        read_timeout=10,
    )


def version_of(url: str) -> str:
    """Ask a server for its version, which it tells in the handshake.

    Raises:
        UnreachableError: where it does not answer, or not to this user.
    """
    try:
        with connection(url) as server:
            return str(server.server_properties["version"])
    except (amqp.AMQPError, OSError, ValueError) as error:
        raise UnreachableError(str(error)) from error


def start_private() -> Server | None:
    """Start a node on free ports, with nothing of its own outside a temporary folder.

    The daemon that tells nodes where the others are is started here too: a node that finds none
    starts one that outlives it.
    """
    program = shutil.which("rabbitmq-server", path=FOLDERS)
    names = shutil.which("epmd", path=FOLDERS)
    if program is None or names is None:
        return None
    data = new_folder("rabbitmq")
    port, names_port = free_port(), str(free_port())
    env = {
        **os.environ,
        "HOME": str(data),  # the cookie lies there
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": names_port,
        "RABBITMQ_CONF_ENV_FILE": str(data / "none.conf"),
        "RABBITMQ_CONFIG_FILE": str(data / "none"),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "plugins"),
        "RABBITMQ_LOG_BASE": str(data / "log"),
        "RABBITMQ_MNESIA_BASE": str(data / "data"),
        "RABBITMQ_NODENAME": f"drydock-{uuid4().hex[:8]}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
    }
    epmd, node = (
        start(
            command,
            env=env,
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in ([names, "-port", names_port], [program])
    )

    def end() -> None:
        end_process(node)
        end_process(epmd)
        remove_folder(data)

    url = f"amqp://guest:guest@127.0.0.1:{port}/%2F"
    version = answer_of(node, lambda: version_of(url), end)
    return Server("RabbitMQ", url, f"private, from {program}", version, end)


def ledger(prefix: str) -> Path:
    """Give the folder with a file for each queue that a run has lent: AMQP cannot list queues."""
    return Path(tempfile.gettempdir()) / f"{prefix}_queues"


def delete_queue(url: str, name: str) -> None:
    """Delete a queue and what a worker declares beside it; none of it has to be there."""
    with connection(url) as server:
        channel = server.channel()
        for queue in (name, f"{name}.aside"):
            channel.queue_delete(queue)
        for exchange in (name, f"{name}.control.pidbox", f"reply.{name}.control.pidbox"):
            channel.exchange_delete(exchange)
        channel.exchange_delete(f"{name}.events")


def delete_lent_queues(url: str, prefix: str) -> None:
    """Delete what was lent and not given back."""
    lent = ledger(prefix)
    try:
        for entry in lent.glob(f"{prefix}*"):
            delete_queue(url, entry.name)
    finally:
        shutil.rmtree(lent, ignore_errors=True)


RABBITMQ = Kind(
    key="rabbitmq",
    name="RabbitMQ",
    local="amqp://guest:guest@127.0.0.1:5672/%2F",
    advice="install rabbitmq-server",
    version_of=version_of,
    start_private=start_private,
    remove=delete_lent_queues,
)


@contextmanager
def rabbitmq_broker() -> Iterator[Broker]:
    """Lend a name on the chosen server that no queue has."""
    broker = Broker(RABBITMQ.address, new_name())
    entry = ledger(os.environ.get(PREFIX, "drydock")) / broker.queue
    entry.parent.mkdir(exist_ok=True)
    entry.touch()
    try:
        yield broker
    finally:
        delete_queue(broker.url, broker.queue)
        entry.unlink(missing_ok=True)

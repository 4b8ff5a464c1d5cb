"""The broker of a developer's machine: the RabbitMQ that listens, with its first account."""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager

from app.core.settings.base import SettingsError

HOST = os.environ.get("RABBITMQ_HOST", "127.0.0.1")
PORT = int(os.environ.get("RABBITMQ_PORT", "5672"))


@contextmanager
def found_or_started() -> Generator[str]:
    """Give the address of the RabbitMQ of this machine; there is no wheel to start one from.

    Raises:
        SettingsError: where nothing listens.
    """
    try:
        socket.create_connection((HOST, PORT), timeout=1).close()
    except OSError:
        raise SettingsError(
            f"No RabbitMQ answers at {HOST}:{PORT}. Install the package rabbitmq-server (Debian, "
            "Ubuntu; rabbitmq elsewhere) and start it, or set BROKER_URL to a RabbitMQ of yours."
        ) from None
    yield f"amqp://guest:guest@{HOST}:{PORT}//"

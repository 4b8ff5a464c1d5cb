"""The database and the broker of a service, asked by commands of the service itself."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from drydock.doctor.asking import Answer, Inquiry
from drydock.doctor.finding import Finding, failed, ok, warning
from drydock.doctor.project import environment, venv
from drydock.doctor.settings import Settings

RUN = ("uv", "run", "--no-sync")
BEHIND = "not on all head revisions"  # as Alembic says it
UNUSABLE = "The settings cannot be used"
# For a command that has to be given an address and uses none: no host is called so (RFC 2606).
NOWHERE = "postgresql://nobody@none.invalid/none"


@dataclass(frozen=True)
class Server:
    """A server that the service in a folder may need, by its setting; empty where none is set."""

    folder: Path
    url: str
    example: SplitResult

    @property
    def address(self) -> SplitResult:
        """The address, in its parts; that of the example where none is set."""
        return urlsplit(self.url) if self.url else self.example

    @property
    def scheme(self) -> str:
        """What kind of server it is, without the driver."""
        return self.address.scheme.partition("+")[0]


def servers(folder: Path, settings: Settings) -> Iterator[Finding | Inquiry]:
    """Give what is known, and what is to be asked, of each server that a service has a setting for.

    Nothing is asked of a service that is not installed or has no settings yet.
    """
    if not venv(folder).is_dir() or not settings.values.get("ENVIRONMENT"):
        return
    for name, setting, look in (
        ("database", "DATABASE_URL", database),
        ("broker", "BROKER_URL", broker),
    ):
        if setting not in settings.known:
            continue
        example = urlsplit(settings.examples.get(setting, ""))
        server = Server(folder, settings.values.get(setting, ""), example)
        if server.url or settings.is_development:
            yield look(settings, server)
        else:
            yield failed(name, f"{setting} is not set", "$EDITOR .env")


def database(settings: Settings, server: Server) -> Finding | Inquiry:
    """Ask whether it can be reached and has every migration; none is made or started for that."""
    if server.scheme == "sqlite":
        path = server.address.path.removeprefix("/")
        if not (server.folder / path).is_file():
            return ok("database", f"{path} is not there yet; `make dev` makes it")
    elif not server.url:
        host, port = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGPORT", "5432")
        one = "uses the one that" if listens(host, port) else "starts a private one, for none"
        return ok("database", f"no DATABASE_URL: `make dev` {one} answers at {host}:{port}")

    def conclude(answer: Answer) -> Finding:
        if not answer.code:
            return ok("database", "it answers, and has every migration")
        if BEHIND in answer.err + answer.out:
            says = "it answers, and lacks migrations"
            if settings.is_development:
                return warning("database", f"{says}; `make dev` runs them too", "make migrate")
            return failed("database", says, "uv run app db upgrade")
        return failed("database", f"DATABASE_URL: {answer.reason}", *remedy(server, answer.reason))

    command = (*RUN, "alembic", "current", "--check-heads")
    return Inquiry("database", command, environment(), conclude)


def broker(settings: Settings, server: Server) -> Inquiry:
    """Ask whether it can be reached, by asking for the jobs that were set aside."""
    given = environment()
    if not settings.values.get("DATABASE_URL") and "sqlite" not in settings.examples.get(
        "DATABASE_URL", ""
    ):
        given["DATABASE_URL"] = NOWHERE  # so that none is started

    def conclude(answer: Answer) -> Finding:
        if not answer.code:
            if aside := len(answer.out.splitlines()):
                says = f"it answers; jobs that were set aside: {aside}"
                return warning("broker", says, "uv run app worker aside")
            return ok("broker", "it answers")
        if UNUSABLE in answer.err:
            return failed("settings", answer.reason, "$EDITOR .env")
        return failed("broker", answer.reason, *remedy(server, answer.reason))

    return Inquiry("broker", (*RUN, "app", "worker", "aside"), given, conclude)


def remedy(server: Server, reason: str) -> list[str]:
    """Say what to type where a server does not answer as it should."""
    address = server.address
    try:
        host, port = address.hostname or "127.0.0.1", address.port
    except ValueError:
        return ["$EDITOR .env"]
    match server.scheme:
        case "postgresql" | "postgres" if "does not exist" in reason:
            who = f" -U {address.username}" if address.username else ""
            return [f"createdb -h {host} -p {port or 5432}{who} {address.path.strip('/')}"]
        case "postgresql" | "postgres":
            return [f"pg_isready -h {host} -p {port or 5432}"]
        case "redis" | "rediss" if server.url:
            return [f"redis-cli -h {host} -p {port or 6379} ping"]
        case "redis" | "rediss":
            return ["sudo apt install redis-server"]
        case "amqp" | "amqps" if server.url:
            return ["rabbitmq-diagnostics ping"]
        case "amqp" | "amqps":
            return ["sudo apt install rabbitmq-server"]
    return ["$EDITOR .env"]


def listens(host: str, port: str) -> bool:
    """Tell whether something takes connections at an address."""
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except (OSError, ValueError):
        return False
    return True

"""The service that is measured: rendered, installed and migrated as its README says."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from psycopg import sql

from benchmarks.endpoint import Endpoint
from tests.harness import reaper
from tests.harness.process import Server, environment, run, serving
from tests.harness.servers import kind
from tests.harness.servers.postgres import POSTGRES, for_asyncpg, named_database
from tests.harness.servers.private import free_port
from tests.harness.service import REPORTED, VERSIONS, wait_for
from tests.harness.variants import render

ANSWERS: Mapping[str, Any] = {"database": "postgres"}
# What is counted is counted here too, but nothing is refused.
UNLIMITED = "1000000000/minute"
LIMITS = [
    f"{kind}_LIMIT_{whose}"
    for kind in ("RATE", "LOGIN", "MAIL")
    for whose in ("ADDRESS", "ACCOUNT")
]


@dataclass(frozen=True)
class Subject:
    """An installed service and its database, and so the environment of every floor."""

    path: Path
    env: Mapping[str, str]
    postgres: str

    @property
    def programs(self) -> Path:
        return self.path / ".venv" / "bin"

    @property
    def python(self) -> Path:
        return self.programs / "python"

    def run(self, *command: str) -> str:
        return run(command, cwd=self.path, env=self.env)

    def versions(self) -> dict[str, str]:
        """Give the versions that both sides of each comparison run on."""
        found: dict[str, str] = json.loads(self.run(str(self.python), "-c", VERSIONS, *REPORTED))
        return found | {"postgresql": self.postgres}

    @contextmanager
    def serving(self, name: str = "service") -> Iterator[tuple[str, Server]]:
        """Serve with the service's own command, with one worker and the access log it chooses."""
        with self._listening(name, str(self.programs / "app"), "serve") as running:
            yield running

    @contextmanager
    def serving_floor(self, floor: Path, *, access_log: bool) -> Iterator[tuple[str, Server]]:
        """Serve the `app` of a file as `app serve` serves: one uvicorn worker, the same options."""
        command = [str(self.programs / "uvicorn"), f"{floor.stem}:app"]
        command += ["--app-dir", str(floor.parent), "--timeout-graceful-shutdown", "8"]
        command += [] if access_log else ["--no-access-log"]
        with self._listening(floor.stem, *command) as running:
            yield running

    @contextmanager
    def _listening(self, name: str, *command: str) -> Iterator[tuple[str, Server]]:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        log = self.path.parent / f"{name}.log"
        full = [*command, "--host", "127.0.0.1", "--port", str(port)]
        with serving(full, cwd=self.path, env=self.env, log=log) as server:
            wait_for(address, server)
            yield address, server


@dataclass(frozen=True)
class Running:
    """The service while it serves; floors are served beside it, and log what it logs."""

    subject: Subject
    address: str
    session: int
    access_log: bool

    def endpoint(self, path: str, *headers: str, body: str = "") -> Endpoint:
        return Endpoint(f"{self.address}{path}", self.session, headers, body)

    @contextmanager
    def floor(self, file: Path) -> Iterator["Running"]:
        with self.subject.serving_floor(file, access_log=self.access_log) as (address, server):
            yield Running(self.subject, address, server.process.pid, self.access_log)


@contextmanager
def running(subject: Subject) -> Iterator[Running]:
    with subject.serving() as (address, server):
        yield Running(subject, address, server.process.pid, writes_access_log(address, server))


def writes_access_log(address: str, server: Server) -> bool:
    """Ask once, and see whether the service's output grows."""
    before = len(server.output())
    httpx2.get(f"{address}/nowhere")
    time.sleep(0.3)
    return len(server.output()) > before


@contextmanager
def database(server: kind.Server) -> Iterator[str]:
    """Lend a new, empty database; give its address for a service."""
    name = f"drydock_bench_{secrets.token_hex(4)}"
    with (
        reaper.held("server", POSTGRES.key, server.url, name),
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield for_asyncpg(named_database(server.url, name))
        finally:
            connection.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )


@contextmanager
def subject(folder: Path, answers: Mapping[str, Any] = ANSWERS) -> Iterator[Subject]:
    """Lend a service with an empty, migrated database of its own."""
    with reaper.running(), ExitStack() as stack:
        server = POSTGRES.choose()
        assert server is not None, "the wheel that carries it is for every platform"
        stack.callback(server.end)
        with database(server) as url:
            settings = {
                "DATABASE_URL": url,
                "ENVIRONMENT": "production",
                "ALLOWED_HOSTS": "127.0.0.1",
                "SECRET_KEY": secrets.token_urlsafe(48),
                "UV_NO_DEV": "1",
            } | dict.fromkeys(LIMITS, UNLIMITED)
            path = render(answers, folder / "service")
            found = Subject(path, environment(settings), server.version)
            found.run("uv", "sync", "--quiet")
            found.run(str(found.programs / "app"), "db", "upgrade")
            yield found

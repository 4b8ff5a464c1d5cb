"""`drydock doctor` on an installed service: its real database and broker, reached and not."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.command import listing
from tests.harness.process import attempt, environment, run
from tests.harness.releases import commit, first_release, generate
from tests.harness.servers import Broker, postgres_database, rabbitmq_broker, redis_broker
from tests.harness.servers.private import free_port

pytestmark = pytest.mark.needs("redis")


@dataclass(frozen=True)
class Installed:
    """A service with its environment and `.env`, a database with every migration, a broker."""

    path: Path
    database: str
    broker: Broker

    def doctor(self, *options: str, code: int = 0, **settings: str) -> dict[str, dict[str, Any]]:
        """Ask for JSON, and for this exit code; give the findings by their names."""
        env = {
            "DATABASE_URL": self.database,
            "BROKER_URL": self.broker.url,
            "TASK_QUEUE": self.broker.queue,
            "PORT": str(free_port()),
        }
        command = [sys.executable, "-m", "drydock", "doctor", "--json", "--timeout", "60", *options]
        done = attempt(command, cwd=self.path, env=environment(env | settings))
        assert done.code == code, done.output
        return {each["name"]: each for each in json.loads(done.output)["findings"]}

    def run(self, *command: str) -> None:
        """Run a command of the service."""
        run(command, cwd=self.path, env=environment({"DATABASE_URL": self.database}))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    place = tmp_path_factory.mktemp("doctor")
    answers = {"database": "postgres", "tasks": "arq"}
    path = generate(first_release(place / "template"), place / "orders", answers)
    with postgres_database() as database, redis_broker() as broker:
        made = Installed(path, database, broker)
        made.run("uv", "sync", "--quiet")
        commit(path, "Lock")
        made.run("uv", "run", "--no-sync", "app", "env")
        made.run("uv", "run", "--no-sync", "app", "db", "upgrade")
        yield made


@pytest.fixture(scope="module")
def service_on_rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    place = tmp_path_factory.mktemp("rabbitmq")
    answers = {"database": "sqlite", "tasks": "celery", "celery_broker": "rabbitmq"}
    path = generate(first_release(place / "template"), place / "orders", answers)
    with rabbitmq_broker() as broker:
        made = Installed(path, f"sqlite:///{place / 'orders.db'}", broker)
        made.run("uv", "sync", "--quiet")
        made.run("uv", "run", "--no-sync", "app", "env")
        yield made


@contextmanager
def silent_server() -> Iterator[int]:
    """Listen and never say a word; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_all_answer(service: Installed) -> None:
    before = listing(service.path / "var"), (service.path / ".env").read_bytes()
    findings = service.doctor()
    assert findings["database"]["says"] == "it answers, and has every migration"
    assert findings["broker"]["says"] == "it answers"
    assert findings["installation"]["says"] == "it is what uv.lock names"
    assert {findings[name]["verdict"] for name in ("Python", "template", ".env")} == {"ok"}
    assert service.doctor()["repository"]["says"].startswith("clean, at ")
    assert (listing(service.path / "var"), (service.path / ".env").read_bytes()) == before


class TestDatabase:
    def test_a_dead_port(self, service: Installed) -> None:
        port = free_port()
        url = f"postgresql://postgres@127.0.0.1:{port}/orders"
        finding = service.doctor(code=1, DATABASE_URL=url)["database"]
        assert "Connect call failed" in finding["says"]
        assert finding["commands"] == [f"pg_isready -h 127.0.0.1 -p {port}"]

    def test_that_is_not_there(self, service: Installed) -> None:
        server, _, _ = service.database.rpartition("/")
        finding = service.doctor(code=1, DATABASE_URL=f"{server}/nowhere")["database"]
        assert finding["says"] == 'DATABASE_URL: database "nowhere" does not exist'
        assert finding["commands"][0].startswith("createdb -h ")
        assert finding["commands"][0].endswith(" nowhere")

    def test_that_lacks_migrations(self, service: Installed) -> None:
        with postgres_database() as url:
            findings = service.doctor(DATABASE_URL=url)
            assert findings["database"]["verdict"] == "warning"
            assert findings["database"]["commands"] == ["make migrate"]
            findings = service.doctor(code=1, DATABASE_URL=url, ENVIRONMENT="staging")
        assert findings["database"]["commands"] == ["uv run app db upgrade"]

    def test_that_says_nothing_is_waited_for_no_longer_than_asked(self, service: Installed) -> None:
        with silent_server() as port:
            findings = service.doctor(
                "--timeout",
                "4",
                DATABASE_URL=f"postgresql://postgres@127.0.0.1:{port}/orders",
                DATABASE_CONNECT_TIMEOUT="60",
            )
        assert findings["database"]["verdict"] == "warning"
        assert findings["database"]["says"].startswith("no answer in time")

    def test_an_address_of_another_kind(self, service: Installed) -> None:
        finding = service.doctor(code=1, DATABASE_URL="mysql://127.0.0.1/orders")["database"]
        assert "must begin with postgresql://" in finding["says"]
        assert finding["commands"] == ["$EDITOR .env"]

    def test_none_named_in_development_is_neither_made_nor_started(
        self, service: Installed
    ) -> None:
        findings = service.doctor(DATABASE_URL="", PGPORT=str(free_port()))
        assert "`make dev` starts a private one" in findings["database"]["says"]
        assert not (service.path / "var").exists()
        with silent_server() as port:
            findings = service.doctor(DATABASE_URL="", PGPORT=str(port))
        assert "`make dev` uses the one that answers" in findings["database"]["says"]

    def test_none_named_elsewhere(self, service: Installed) -> None:
        finding = service.doctor(code=1, DATABASE_URL="", ENVIRONMENT="staging")["database"]
        assert finding["says"] == "DATABASE_URL is not set"


class TestBroker:
    def test_a_dead_port(self, service: Installed) -> None:
        port = free_port()
        finding = service.doctor(code=1, BROKER_URL=f"redis://127.0.0.1:{port}/0")["broker"]
        assert f"Error 111 connecting to 127.0.0.1:{port}" in finding["says"]
        assert finding["commands"] == [f"redis-cli -h 127.0.0.1 -p {port} ping"]

    def test_jobs_that_were_set_aside(self, service: Installed) -> None:
        job = {"job": {"task": "gone", "payload": {}, "id": "1"}, "reason": "-", "at": "today"}
        with Redis.from_url(service.broker.url) as broker:
            broker.rpush(f"{service.broker.queue}:aside", json.dumps(job))
            finding = service.doctor()["broker"]
            broker.delete(f"{service.broker.queue}:aside")
        assert finding["says"] == "it answers; jobs that were set aside: 1"
        assert finding["commands"] == ["uv run app worker aside"]

    def test_without_a_database(self, service: Installed) -> None:
        assert service.doctor(DATABASE_URL="")["broker"]["says"] == "it answers"

    def test_settings_that_cannot_be_used(self, service: Installed) -> None:
        finding = service.doctor(code=1, WORKER_CONCURRENCY="many")["settings"]
        assert finding["says"].startswith("WORKER_CONCURRENCY ")


@pytest.mark.needs("rabbitmq")
class TestRabbitMQ:
    def test_it_answers(self, service_on_rabbitmq: Installed) -> None:
        assert service_on_rabbitmq.doctor()["broker"]["says"] == "it answers"

    def test_a_dead_port(self, service_on_rabbitmq: Installed) -> None:
        url = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
        finding = service_on_rabbitmq.doctor(code=1, BROKER_URL=url)["broker"]
        assert "refused" in finding["says"]
        assert "guest:guest" not in finding["says"]
        assert finding["commands"] == ["rabbitmq-diagnostics ping"]

    def test_a_wrong_password(self, service_on_rabbitmq: Installed) -> None:
        url = service_on_rabbitmq.broker.url.replace("guest:guest@", "guest:typo@")
        finding = service_on_rabbitmq.doctor(code=1, BROKER_URL=url)["broker"]
        assert "ACCESS_REFUSED" in finding["says"]
        assert "typo" not in finding["says"]


def test_a_service_that_is_not_installed_is_asked_nothing(
    service: Installed, tmp_path: Path
) -> None:
    findings = service.doctor(UV_PROJECT_ENVIRONMENT=str(tmp_path / "none"))
    assert "database" not in findings
    assert "broker" not in findings


def test_sqlite_has_no_server_to_be_asked(tmp_path: Path) -> None:
    path = generate(first_release(tmp_path / "template"), tmp_path / "orders", {})
    (path / ".env").write_text((path / ".env.example").read_text())
    (path / ".venv").mkdir()
    command = [sys.executable, "-m", "drydock", "doctor", "--json"]
    done = attempt(command, cwd=path, env=environment({"SECRET_KEY": "x"}))
    findings = {each["name"]: each for each in json.loads(done.output)["findings"]}
    assert findings["database"]["says"] == "var/app.db is not there yet; `make dev` makes it"
    assert "broker" not in findings
    assert not (path / "var").exists()

"""The database, the broker and the mail server go and come back, one after the other, under load.

What is answered meanwhile is a problem, soon, and nothing has to be started again.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.harness import mail, servers
from tests.harness.lines import Line, over_a_line
from tests.harness.service import Service, broker_for, database_for
from tests.harness.storms import API, served
from tests.harness.variants import all_variants, broker_of, render

CLIENTS = 8
AWAY = 4.0  # seconds for which each of them is gone
SOON = 2.0  # seconds in which a request is told that the database is gone
NEVER = 5.0  # seconds that no request may take
BACK_WITHIN = 5.0  # seconds in which all is well again
PASSWORD = "salt wind and tar 41"
SETTINGS = {
    "RATE_LIMIT_ADDRESS": "1000000/minute",
    "RATE_LIMIT_ACCOUNT": "1000000/minute",
    "MAIL_LIMIT_ADDRESS": "1000000/minute",
}


@dataclass(frozen=True)
class Answer:
    path: str
    at: float  # when it was asked
    seconds: float
    status: int
    kind: str


@dataclass(frozen=True)
class Port:
    """A service, and the lines to all that it stands on."""

    service: Service
    inbox: mail.Inbox
    database: Line
    broker: Line
    post: Line


# Each backend of tasks, each broker.
STAND_ON = {"arq": "redis", "celery": "rabbitmq"}


def cases() -> Iterator[Any]:
    """Give a service on PostgreSQL for each backend of tasks and its broker."""
    for tasks, broker in STAND_ON.items():
        wanted = {"example": True, "database": "postgres", "auth": "jwt", "tasks": tasks}
        variant = next(
            each
            for each in all_variants()
            if wanted.items() <= dict(each.answers).items() and broker_of(each) == broker
        )
        yield pytest.param(variant, id=tasks, marks=pytest.mark.needs(broker))


@pytest.fixture(params=cases())
def port(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Port]:
    path = render(request.param.data(), tmp_path / "service", template)
    with ExitStack() as stack:
        url = stack.enter_context(database_for(request.param, tmp_path))
        broker = stack.enter_context(broker_for(request.param))
        smtp, inbox = stack.enter_context(mail.smtp_server())
        assert broker is not None
        database_url, database = stack.enter_context(over_a_line(url))
        broker_url, broker_line = stack.enter_context(over_a_line(broker.url))
        smtp_url, post = stack.enter_context(over_a_line(smtp))
        service = Service(path, database_url, servers.Broker(broker_url, broker.queue))
        service.env |= {"SMTP_URL": smtp_url}
        service.run("uv", "sync", "--quiet")
        service.run("uv", "run", "app", "db", "upgrade")
        yield Port(service, inbox, database, broker_line, post)


async def ask(client: httpx2.AsyncClient, path: str) -> Answer:
    """Ask, and note the time: a POST for what begins a job, else a GET."""
    at = time.monotonic()
    if path == f"{API}/users":
        account = {"email": f"{secrets.token_hex(8)}@example.com", "password": PASSWORD}
        answer = await client.post(path, json=account)
    else:
        answer = await client.get(path)
    kind = answer.headers["content-type"]
    return Answer(path, at, time.monotonic() - at, answer.status_code, kind)


async def load(client: httpx2.AsyncClient, stop: asyncio.Event) -> list[Answer]:
    """Ask as several clients do, one request after the other each, until it is time to stop."""
    answers = []

    async def one(number: int) -> None:
        paths = (f"{API}/items", "/health/ready", f"{API}/users" if number == 0 else f"{API}/items")
        while not stop.is_set():
            for path in paths:
                answers.append(await ask(client, path))

    await asyncio.gather(*(one(number) for number in range(CLIENTS)))
    return answers


async def outage(client: httpx2.AsyncClient, line: Line) -> tuple[list[Answer], float, float]:
    """Cut a line under load and mend it; give the answers, and when both happened."""
    stop = asyncio.Event()
    loading = asyncio.create_task(load(client, stop))
    await asyncio.sleep(1)
    cut = time.monotonic()
    await asyncio.to_thread(line.cut)
    await asyncio.sleep(AWAY)
    mended = time.monotonic()
    await asyncio.to_thread(line.mend)
    await asyncio.sleep(BACK_WITHIN + 2)
    stop.set()
    return await loading, cut, mended


async def run(address: str, port: Port) -> dict[str, list[Answer]]:
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        email = f"ada-{secrets.token_hex(6)}@example.com"
        account = {"email": email, "password": PASSWORD}
        assert (await client.post(f"{API}/users", json=account)).status_code == 202
        form = {"username": email, "password": PASSWORD}
        pair = (await client.post(f"{API}/auth/token", data=form)).json()
        client.headers["Authorization"] = f"Bearer {pair['access_token']}"
        found = {}
        for name in ("database", "broker", "post"):
            answers, cut, mended = await outage(client, getattr(port, name))
            hold(name, answers, cut, mended)
            found[name] = answers
        return found


def hold(name: str, answers: list[Answer], cut: float, mended: float) -> None:
    """Hold the answers against what may be answered while something is gone."""
    slow = [each for each in answers if each.seconds > NEVER]
    assert not slow, f"{name}: {slow[:3]}"
    wrong = [
        each
        for each in answers
        if each.status not in {200, 202}
        and (each.status, each.kind) != (503, "application/problem+json")
    ]
    assert not wrong, f"{name}: {wrong[:3]}"
    healthy = [each for each in answers if each.at < cut - 1 or each.at > mended + BACK_WITHIN]
    assert {each.status for each in healthy} <= {200, 202}, f"{name}: it did not recover"
    gone = [each for each in answers if cut + 0.5 < each.at < mended - SOON]
    failing = {each.path for each in gone if each.status == 503}
    if name == "database":
        assert failing == {each.path for each in gone}
        assert all(each.seconds < SOON for each in gone)
    else:  # only readiness asks the broker, and nobody the mail server
        assert failing == ({"/health/ready"} if name == "broker" else set())


def test_what_goes_comes_back_and_nobody_waits_for_it(port: Port) -> None:
    with served(port.service, SETTINGS) as address, port.service.working() as worker:
        found = asyncio.run(run(address, port))
        assert all(len(answers) > 10 * CLIENTS for answers in found.values())
        # Worker and mail are at work again, without anybody's doing.
        mail.expect(port.inbox, mail.register(address), seconds=60)
        assert not re.search(r"^Traceback", worker.output(), re.MULTILINE)

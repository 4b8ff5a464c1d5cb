"""A new version goes out while it is used: one process after the other, and nobody notices.

Two processes stand behind nginx, with the configuration that a service has. Each is told to end,
and starts anew once it has; requests come all the while, as many a second as `RATE`, or what the
machine can do beside its other work: no more than `AT_ONCE` wait for an answer.
"""

import asyncio
import itertools
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.harness import background, clients, nginx, servers
from tests.harness.process import Server, run, serving
from tests.harness.servers.private import free_port
from tests.harness.service import wait_for
from tests.harness.variants import render_in_series

pytestmark = pytest.mark.needs("nginx")
CONF = "deploy/nginx/nginx.conf"
ANSWERS = {
    "project_name": "Harbour Desk",
    "proxy": "nginx",
    "auth": "none",
    "database": "postgres",
}
RATE = 200  # requests a second
AT_ONCE = 32
# An address may ask for 50 a second: so many people are at work.
ADDRESSES = [f"127.0.0.{number}" for number in range(11, 27)]
DRAIN = 5.0  # seconds between SIGTERM and the end of the listening: those of production
PAUSE = 1.5  # seconds in which nginx asks again for who was gone (`fail_timeout`)
SETTINGS = {
    "ENVIRONMENT": "test",
    "SECRET_KEY": "for tests, and nothing but tests",
    "SERVER_DRAIN": str(DRAIN),
    "TRUSTED_PROXIES": "127.0.0.1",
    "RATE_LIMIT_ADDRESS": "1000000/minute",
}


@dataclass
class Process:
    """One of the processes of a service, as often as it is started."""

    service: clients.Runnable
    database_url: str
    port: int
    starts: int = 0

    @property
    def upstream(self) -> str:
        return f"127.0.0.1:{self.port}"

    @contextmanager
    def serving(self) -> Iterator[Server]:
        """Serve until the block ends; given once it is ready."""
        self.starts += 1
        log = self.service.tree.with_name(f"{self.port}-{self.starts}.log")
        command = self.service.command("serve", "--port", str(self.port))
        env = self.service.env({**SETTINGS, "DATABASE_URL": self.database_url})
        with serving(command, cwd=self.service.tree, env=env, log=log) as server:
            wait_for(f"http://{self.upstream}", server)
            yield server


@dataclass(frozen=True)
class Harbour:
    """Two processes of a service behind nginx."""

    processes: Sequence[Process]
    folder: Path
    port: int

    def clients(self) -> list[httpx2.AsyncClient]:
        """Give a client for each of the addresses from which requests come."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "authority.pem"))
        return [
            httpx2.AsyncClient(
                base_url=f"https://localhost:{self.port}/api/v1",
                transport=httpx2.AsyncHTTPTransport(verify=trusted, local_address=address),
                timeout=30,
            )
            for address in ADDRESSES
        ]


@pytest.fixture
def harbour(template: Path, tmp_path: Path) -> Iterator[Harbour]:
    tree = render_in_series(ANSWERS, tmp_path / "desk", template)
    service = clients.runnable(tree)
    folder, port = tmp_path / "nginx", free_port()
    folder.mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(servers.postgres_database())
        env = service.env({**SETTINGS, "DATABASE_URL": url})
        run(service.command("db", "upgrade"), cwd=tree, env=env)
        processes = [Process(service, url, free_port()) for _ in range(2)]
        conf = (tree / CONF).read_text(encoding="utf-8")
        upstreams = [each.upstream for each in processes]
        nginx.adapted(conf, folder, upstreams, {8080: free_port(), 8443: port})
        yield Harbour(processes, folder, port)


async def answered(client: httpx2.AsyncClient, number: int, place: asyncio.Semaphore) -> str:
    """Send a request, every fourth with an effect; say what came of it."""
    try:
        if number % 4:
            answer = await client.get("/items", params={"limit": 20})
        else:
            answer = await client.post("/items", json={"title": f"crate {number}"})
    except httpx2.TransportError as error:
        return repr(error)
    finally:
        place.release()
    return str(answer.status_code)


async def load(harbour: Harbour, stop: asyncio.Event) -> list[str]:
    """Send requests at their time, whether or not those before them were answered."""
    loop, sent = asyncio.get_running_loop(), []
    people, place = harbour.clients(), asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        begun = loop.time()
        for number in itertools.count():
            if stop.is_set():
                break
            await asyncio.sleep(begun + number / RATE - loop.time())
            await place.acquire()
            client = people[number % len(people)]
            sent.append(group.create_task(answered(client, number, place)))
    for client in people:
        await client.aclose()
    return [each.result() for each in sent]


async def roll(harbour: Harbour, seconds: float) -> tuple[list[str], int]:
    """Restart one process after the other for some seconds of load; at least each once."""
    loop, stop, restarts = asyncio.get_running_loop(), asyncio.Event(), 0
    with ExitStack() as stack:
        stacks = [stack.enter_context(ExitStack()) for _ in harbour.processes]
        running = [
            own.enter_context(each.serving())
            for own, each in zip(stacks, harbour.processes, strict=True)
        ]
        stack.enter_context(nginx.proxying(harbour.folder))
        await asyncio.sleep(1)
        loading = asyncio.create_task(load(harbour, stop))
        end = loop.time() + seconds
        while restarts < len(running) or loop.time() < end:
            await asyncio.sleep(PAUSE)
            number = restarts % len(running)
            await asyncio.to_thread(background.end, running[number], DRAIN + 10)
            stacks[number].close()
            process = harbour.processes[number]
            running[number] = await asyncio.to_thread(
                stacks[number].enter_context, process.serving()
            )
            restarts += 1
        await asyncio.sleep(PAUSE)
        stop.set()
        return await loading, restarts


def test_no_request_fails_while_processes_start_anew(
    harbour: Harbour,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    seconds = 60 if pytestconfig.getoption("proof") else 10
    outcomes, restarts = asyncio.run(roll(harbour, seconds))
    record_property("requests", len(outcomes))
    record_property("restarts", restarts)
    assert set(outcomes) == {"200", "201"}, Counter(outcomes)
    assert restarts >= len(harbour.processes)
    log = (harbour.folder / "access.log").read_text(encoding="utf-8")
    for process in harbour.processes:
        assert process.upstream in log

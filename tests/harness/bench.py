"""A service with the probe in it, its workers, and what its tasks noted."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from tests.harness.background import CLEAN, telling
from tests.harness.process import Finished, Server, attempt, serving
from tests.harness.servers import redis
from tests.harness.servers.private import free_port
from tests.harness.service import Service, broker_for, wait_for
from tests.harness.variants import Variant

PROBE = Path(__file__).parent / "probe"
FEATURES = """from app.core.feature import Feature

FEATURES = (Feature(router="app.probe.router", tasks="app.probe.tasks"),)
"""
# Seconds that a worker of these tests has after SIGTERM, and tasks that it runs at once.
GRACE, AT_ONCE = 3, 2
PATIENCE = 30.0


@dataclass(frozen=True)
class Line:
    """What a task noted; `group` is the process group: which server or worker it ran in."""

    event: str
    time: float
    task: str
    mark: str
    id: str
    attempt: int
    pid: int
    group: int


T = TypeVar("T")


def eventually(
    look: Callable[[], T], what: str, seconds: float = PATIENCE, every: float = 0.05
) -> T:
    """Look until something is there, and give it.

    Raises:
        AssertionError: where it does not come about in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(every)
    return found


@dataclass(frozen=True)
class Member:
    """A process group in which tasks run: a worker, or a server where there are no workers."""

    server: Server
    address: str = ""

    @property
    def group(self) -> int:
        return self.server.process.pid

    def end(self, seconds: float) -> float:
        """End it in time, in peace, and all of it; give the seconds that it took."""
        before, begin = self.server.log.stat().st_size, time.monotonic()
        code = self.server.terminate(seconds)
        taken = time.monotonic() - begin
        # Tasks that failed have left their tracebacks; its end must leave none.
        said = self.server.log.read_bytes()[before:].decode(errors="replace")
        assert code in CLEAN, f"ended with {code}: {said}"
        assert "Traceback" not in said, said
        return taken


class Bench:
    """A service with the probe, alone with its database, its queue and its notes.

    Where tasks need a worker, one server enqueues and the members are workers. Where they need
    none, each member is a server that does what it enqueues.
    """

    def __init__(self, service: Service, name: str, database: Path, has_pool: bool) -> None:
        self.service = service
        # Whether tasks run in processes that a parent can kill.
        self.has_pool = has_pool
        self.name = name
        self.database = database
        self.notes = service.path.parent / f"{name}-notes"
        self.env = service.env | {
            "PROBE_NOTES": str(self.notes),
            "UV_NO_DEV": "1",
            "UV_NO_SYNC": "1",
            "WORKER_CONCURRENCY": str(AT_ONCE),
            "WORKER_GRACE": str(GRACE),
        }
        self.logs: list[Path] = []
        self.address = ""

    @property
    def has_workers(self) -> bool:
        return self.service.broker is not None

    def log(self, kind: str) -> Path:
        self.logs.append(self.service.path.parent / f"{self.name}-{kind}-{len(self.logs)}.log")
        return self.logs[-1]

    def run(self, *command: str, **env: str) -> Finished:
        """Run a command of the service, and see how it ends."""
        return attempt(
            ["uv", "run", *command], cwd=self.service.path, env=self.env | env, seconds=60
        )

    def script(self, mark: str, seconds: float, *fail: str) -> Finished:
        """Enqueue from a script, which fails after that if it is told to."""
        return self.run("python", "-m", "app.probe.enqueue", mark, str(seconds), *fail)

    @contextmanager
    def serving(self) -> Iterator[Member]:
        """Serve the service, on a port of its own."""
        port = free_port()
        command = ["uv", "run", "app", "serve", "--port", str(port)]
        log, address = self.log("server"), f"http://127.0.0.1:{port}"
        with (
            serving(command, cwd=self.service.path, env=self.env, log=log) as server,
            telling(server),
        ):
            wait_for(address, server)
            yield Member(server, f"{address}/api/v1/probe")

    @contextmanager
    def starting(self, **env: str) -> Iterator[Member]:
        """Run a worker that nobody has waited for."""
        log, env = self.log("worker"), self.env | env
        command = ["uv", "run", "app", "worker"]
        with (
            serving(command, cwd=self.service.path, env=env, log=log) as worker,
            telling(worker),
        ):
            yield Member(worker)

    @contextmanager
    def member(self) -> Iterator[Member]:
        """Run a process group in which tasks run, once they do."""
        with self.starting() if self.has_workers else self.serving() as member:
            if self.has_workers:
                eventually(lambda: self.works(member), "the worker takes jobs", 60)
            yield member

    def works(self, member: Member) -> bool:
        """Enqueue until this very worker does something."""
        code = member.server.process.poll()
        assert code is None, f"the worker ended with {code}"
        self.enqueue(*[("probe.plain", {"mark": "warm", "seconds": 0.2})] * AT_ONCE)
        time.sleep(0.3)
        return any(line.group == member.group for line in self.lines("warm"))

    @contextmanager
    def at_work(self) -> Iterator[Member]:
        """Serve, with one member at work."""
        with ExitStack() as stack:
            if self.has_workers:
                self.address = stack.enter_context(self.serving()).address
            member = stack.enter_context(self.member())
            self.address = self.address or member.address
            yield member

    def post(self, path: str, content: Any = None, to: str = "") -> httpx2.Response:
        return httpx2.post(f"{to or self.address}/{path}", json=content, timeout=40)

    def enqueue(self, *jobs: tuple[str, dict[str, Any]], to: str = "") -> None:
        """Enqueue by a route, all in one transaction."""
        answer = self.post("jobs", jobs, to)
        assert answer.status_code == 202, answer.text

    def lines(self, mark: str, event: str = "begin") -> list[Line]:
        """Give what was noted under a mark, in its order."""
        if not self.notes.exists():
            return []
        found = [Line(**json.loads(text)) for text in self.notes.read_text().splitlines()]
        return [line for line in found if (line.mark, line.event) == (mark, event)]

    def noted(
        self, mark: str, event: str = "begin", count: int = 1, seconds: float = PATIENCE
    ) -> list[Line]:
        """Wait until that was noted so often."""

        def look() -> list[Line]:
            found = self.lines(mark, event)
            return found if len(found) >= count else []

        return eventually(look, f"{count} times {event} of {mark!r}", seconds)

    def aside(self) -> list[str]:
        """Give a line for each job that was set aside; without workers the log is all there is."""
        if self.has_workers:
            listed = self.run("app", "worker", "aside")
            assert listed.code == 0, listed.output
            return listed.output.splitlines()
        logs = [path.read_text(errors="replace") for path in self.logs if path.exists()]
        return [line for line in "\n".join(logs).splitlines() if "Set aside: " in line]

    def set_aside(self, *jobs: tuple[str, str], seconds: float = PATIENCE) -> None:
        """Wait until jobs, by their ids, are set aside, once each and for the reason that counts.

        Raises:
            AssertionError: with what is there instead.
        """

        lines: list[str] = []

        def look() -> bool:
            nonlocal lines
            lines = self.aside()
            return all(sum(job in line for line in lines) for job, _ in jobs)

        eventually(look, f"{jobs} set aside", seconds, every=0.5)
        for job, reason in jobs:
            found = [line for line in lines if job in line]
            assert len(found) == 1, lines
            assert reason in found[0], found


@contextmanager
def bench(variant: Variant, path: Path, database: Path, name: str) -> Iterator[Bench]:
    """Give a bench with a copy of a database, and with a queue of its own."""
    copy = database.with_name(f"{name}.db")
    shutil.copy(database, copy)
    with broker_for(variant) as broker:
        service = Service(path, f"sqlite+aiosqlite:///{copy}", broker)
        yield Bench(service, name, copy, has_pool=variant["tasks"] == "celery")


def add_probe(path: Path) -> None:
    """Add the feature to a rendered service, as its owner would."""
    shutil.copytree(PROBE, path / "app/probe", ignore=shutil.ignore_patterns("__pycache__"))
    (path / "app/features.py").write_text(FEATURES, encoding="utf-8")


@contextmanager
def redis_at(port: int) -> Iterator[None]:
    """Run a Redis at a port, which keeps nothing."""
    server = redis.start_private(port)
    assert server is not None, "there is no Redis to start here"
    try:
        yield
    finally:
        server.end()

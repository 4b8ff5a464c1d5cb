"""A run that is killed, interrupted, or loses a server: nothing is left, and one line says why."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.harness import groups, servers
from tests.harness.paths import ROOT
from tests.harness.process import environment, finish, start
from tests.harness.servers import KINDS, POSTGRES, RABBITMQ, REDIS, Broker
from tests.harness.servers.rabbitmq import ledger
from tests.harness.servers.redis import program, start_private
from tests.test_servers import is_there

PYTHON = sys.executable
# Seconds after which nothing may be left.
WITHIN = 12.0
# Ignores what asks it to end; its child is in a session of its own, and so in no group of ours.
STUBBORN = """
import pathlib, signal, subprocess, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "300"], start_new_session=True)
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(300)
"""
# Runs with servers of its own, as where this machine has none.
PRIVATE = """
import dataclasses, sys, pytest
from tests.harness import servers
away = {"postgres": "postgresql://x@127.0.0.1:1/x", "redis": "redis://127.0.0.1:1/0"}
servers.KINDS = tuple(
    dataclasses.replace(kind, local=away[kind.key])
    for kind in servers.KINDS if kind.key in away
)
sys.exit(pytest.main(sys.argv[1:]))
"""
AT_WORK = """
import json, os, pathlib, signal, sys, time
import psycopg, redis
from tests.harness import servers
from tests.harness.process import serving
from tests.harness.servers import POSTGRES, RABBITMQ, REDIS
from tests.harness.servers.rabbitmq import connection

def test_done():
    pass

def test_at_work(tmp_path):
    said, child = pathlib.Path(os.environ["SAID"]), tmp_path / "child"
    command = [sys.executable, "-c", os.environ["STUBBORN"], str(child)]
    with (
        servers.postgres_database(),
        servers.redis_broker() as keys,
        redis.Redis.from_url(keys.url) as client,
        psycopg.connect(POSTGRES.address) as database,
        serving(command, cwd=tmp_path, env=os.environ, log=tmp_path / "log") as one,
    ):
        client.set(keys.queue, 1)
        if RABBITMQ.chosen in os.environ:
            queue = servers.rabbitmq_broker()
            broker = queue.__enter__()
            with connection(broker.url) as server:
                server.channel().queue_declare(broker.queue, durable=True, auto_delete=False)
        while not (child.exists() and child.read_text()):
            time.sleep(0.01)
        told = {
            "prefix": os.environ["DRYDOCK_TEST_PREFIX"],
            "queue": broker.queue if RABBITMQ.chosen in os.environ else "",
            "worker": os.getpid(),
            "pids": [one.process.pid, int(child.read_text())],
            "postgres": POSTGRES.address,
            "redis": REDIS.address,
            "folders": [
                str(pathlib.Path(os.environ["DRYDOCK_TEST_REAPER"]).parent),
                database.execute("show data_directory").fetchone()[0],
                client.config_get("dir")["dir"],
            ],
        }
        said.with_suffix(".new").write_text(json.dumps(told))
        said.with_suffix(".new").rename(said)
        if "PYTEST_XDIST_WORKER" in os.environ:  # a test can be deaf to its controller
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.sleep(300)
"""
LOSES_REDIS = """
import os, pathlib, signal, time
import redis
from tests.harness import proof, servers
from tests.harness.variants import all_variants

proof.FOLDER = pathlib.Path(os.environ["SAID"])

def test_before(tmp_path):
    with servers.redis_broker() as keys, proof.recorded(all_variants()[0], "sum", {}):
        os.kill(int(os.environ["REDIS"]), signal.SIGKILL)
        redis.Redis.from_url(keys.url).set(keys.queue, 1)

def test_after():
    time.sleep(300)
"""


class Run:
    """A small run of these tests, with a file that it writes where it has come to."""

    def __init__(self, folder: Path, test: str, *options: str, code: str = "", **env: str) -> None:
        self.said = folder / "said"
        (folder / "test_small.py").write_text(test, encoding="utf-8")
        command = [PYTHON, "-c", code] if code else [PYTHON, "-m", "pytest"]
        command += ["-p", "tests.conftest", "-p", "no:cacheprovider", "-v", f"--rootdir={folder}"]
        command += [f"--basetemp={folder / 'temporary'}", *options, str(folder / "test_small.py")]
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = start(
                command,
                cwd=ROOT,
                env=environment({"SAID": str(self.said), "STUBBORN": STUBBORN} | env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def told(self) -> dict[str, Any]:
        """Wait until its test is at work, and give what it told of itself."""
        self.wait_until(lambda: self.said.exists() or self.process.poll() is not None, 60)
        assert self.said.exists(), self.output()
        told: dict[str, Any] = json.loads(self.said.read_text())
        return told

    def wait_until(self, look: Callable[[], object], seconds: float = WITHIN) -> None:
        deadline = time.monotonic() + seconds
        while not look():
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.05)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def ended(self) -> int:
        """Wait until it has ended, and give its exit code."""
        self.wait_until(lambda: self.process.poll() is not None)
        code: int = self.process.returncode
        return code


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Begin a small run, on the servers of this one."""
    runs = []

    def run(test: str, *options: str, code: str = "", **env: str) -> Run:
        if not code:
            chosen = [kind for kind in KINDS if kind not in servers.absent()]
            env = {kind.named: kind.address for kind in chosen} | env
        runs.append(Run(tmp_path, test, *options, code=code, **env))
        return runs[-1]

    yield run
    for each in runs:
        finish(each.process)


def left(told: dict[str, Any]) -> list[object]:
    """Say what a run on servers of this one has left."""
    found: list[object] = [
        each for each in groups.processes() if each.pid in {*told["pids"], told["worker"]}
    ]
    with psycopg.connect(POSTGRES.address) as database:
        query = "select datname from pg_database where starts_with(datname, %s)"
        found += database.execute(query, [told["prefix"]]).fetchall()
    with redis.Redis.from_url(REDIS.address) as client:
        found += client.scan_iter(f"{told['prefix']}*", count=1000)
    if told["queue"] and is_there(Broker(RABBITMQ.address, told["queue"])):
        found.append(told["queue"])
    folders = [ledger(told["prefix"]), *map(Path, told["folders"])]
    # The other folders are those of servers that go on.
    return found + [each for each in folders if "drydock" in each.name and each.exists()]


@pytest.mark.needs("redis")
@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "worker"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=str)
def test_run_that_is_ended_leaves_nothing(
    number: signal.Signals, options: tuple[str, ...], begin: Callable[..., Run]
) -> None:
    run = begin(AT_WORK, *options)
    told = run.told()
    assert len(left(told)) >= 6
    if number == signal.SIGINT:  # as a terminal does
        os.killpg(run.process.pid, number)
    else:
        run.process.send_signal(number)
    code = run.ended()
    run.wait_until(lambda: not left(told))
    if number == signal.SIGKILL:
        return
    assert code == pytest.ExitCode.INTERRUPTED
    last = run.output().splitlines()[-1]
    done = "[01]" if options else "1"
    assert re.fullmatch(rf"Interrupted: {done} of 2 done\. Run it again: .*", last)


@pytest.mark.needs("redis")
def test_worker_that_is_killed_leaves_nothing(begin: Callable[..., Run]) -> None:
    run = begin(AT_WORK, "-n", "1")
    told = run.told()
    os.kill(told["worker"], signal.SIGKILL)
    run.wait_until(lambda: not [each for each in groups.processes() if each.pid in told["pids"]])
    assert run.ended() == pytest.ExitCode.TESTS_FAILED
    run.wait_until(lambda: not left(told))


@pytest.mark.skipif(not program(), reason="there is no Redis to start here")
def test_private_servers_of_a_killed_run_end(begin: Callable[..., Run]) -> None:
    run = begin(AT_WORK, code=PRIVATE)
    told = run.told()
    folders = [Path(each) for each in told["folders"]]
    assert [each.exists() for each in folders] == [True, True, True]
    assert all("drydock-" in each.name for each in folders)
    run.process.kill()
    run.wait_until(lambda: not any(each.exists() for each in folders))
    for kind in (POSTGRES, REDIS):
        with pytest.raises(servers.UnreachableError):
            kind.version_of(told[kind.key])
    assert not [pid for each in folders[1:] for pid in groups.that_name(str(each))]
    assert not [each for each in groups.processes() if each.pid in told["pids"]]


@pytest.mark.skipif(not program(), reason="there is no Redis to start here")
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "workers"])
def test_server_that_dies_ends_the_run_in_one_line(
    options: tuple[str, ...], begin: Callable[..., Run]
) -> None:
    server = start_private()
    assert server is not None
    with ExitStack() as stack:
        stack.callback(server.end)
        client = stack.enter_context(redis.Redis.from_url(server.url))
        pid = str(client.info("server")["process_id"])
        run = begin(LOSES_REDIS, *options, REDIS=pid, **{REDIS.named: server.url})
        run.wait_until(lambda: run.process.poll() is not None, 40)
    address = server.url.split("/")[2]
    last = run.output().splitlines()[-1]
    assert re.fullmatch(rf"Redis at {address} stopped answering: .+", last), run.output()
    assert run.ended() == pytest.ExitCode.INTERRUPTED
    assert "Traceback" not in run.output()
    assert not run.said.exists(), "it was recorded"


def test_processes_are_listed_alike_in_either_way() -> None:
    process = start(["sleep", "60"])
    try:
        lists = [list(groups.from_proc()), list(groups.from_ps())]
        first, second = (next(e for e in each if e.pid == process.pid) for each in lists)
        assert (first.parent, first.group) == (second.parent, second.group)
        assert (first.parent, first.group) == (os.getpid(), process.pid)
        assert first.runs
        assert second.runs
        assert second.began
    finally:
        finish(process)
    assert not groups.group_is_alive(process.pid)


def test_group_of_somebody_else_with_the_same_number_stays() -> None:
    process = start(["sleep", "60"])
    try:
        groups.kill_group(process.pid, since="another time")
        assert groups.group_is_alive(process.pid)
        groups.kill_group(process.pid, since=groups.began(process.pid))
        assert process.wait(10) == -signal.SIGKILL
    finally:
        finish(process)

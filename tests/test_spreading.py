"""Work on all cores: in order, until somebody stops it, and never longer than who asked for it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drydock.errors import Refused
from drydock.status.spreading import AT_A_TIME, spread
from tests.harness.groups import group_is_alive
from tests.harness.process import finish, start

# The last items take long: one process works on them while the other has nothing to do, or, where
# processes are no forks, is still at its imports.
MANY, LAST = 100, 100 - AT_A_TIME
SCRIPT = f"""
import multiprocessing, os, sys, time
from pathlib import Path
from drydock.errors import Refused
from drydock.status.spreading import spread

if __name__ != "__main__":
    try:
        Path(sys.argv[1], "late").mkdir()
    except FileExistsError:
        pass
    else:
        time.sleep(3)

def work(number):
    Path(sys.argv[1], str(number)).touch()
    time.sleep(0 if number < {LAST} else 2)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[2])
    os.cpu_count = lambda: 2
    with spread(work, range({MANY})) as results:
        list(results)
        time.sleep(600)
"""


def at_work(number: int) -> tuple[int, int]:
    time.sleep(0.01)
    return number, os.getpid()


def touched(file: Path) -> None:
    at_work(0)
    file.touch()


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.mark.usefixtures("two_cores")
def test_many_items_are_worked_on_by_as_many_processes_as_there_are_cores() -> None:
    with spread(at_work, range(MANY)) as results:
        numbers, processes = zip(*results, strict=True)
    assert numbers == tuple(range(MANY))
    assert len(set(processes)) == 2
    assert os.getpid() not in processes


@pytest.mark.usefixtures("two_cores")
def test_a_few_are_not_worth_a_process() -> None:
    with spread(at_work, range(19)) as results:
        assert {process for _, process in results} == {os.getpid()}
    with spread(at_work, []) as results:
        assert list(results) == []


@pytest.mark.usefixtures("two_cores")
def test_what_is_not_needed_is_left(tmp_path: Path) -> None:
    files = [tmp_path / str(number) for number in range(1000)]
    with spread(touched, files) as results:
        next(results)
    assert files[0].exists()
    assert not files[-1].exists()


def killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("two_cores")
def test_a_process_that_is_killed_is_told_of() -> None:
    with pytest.raises(Refused, match="was killed"), spread(killed, range(MANY)) as results:
        list(results)


@contextmanager
def working(place: Path, method: str) -> Iterator["subprocess.Popen[str]"]:
    """Run work in a process, and wait until another does the last of it."""
    script = place / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    process = start(
        [sys.executable, str(script), str(place), method], stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + 30
        while not (place / str(LAST)).exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        yield process
    finally:
        finish(process)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_ctrl_c_ends_it_and_is_said_once(tmp_path: Path, method: str) -> None:
    with working(tmp_path, method) as process:
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert errors.count("Traceback") == 1
    assert errors.endswith("KeyboardInterrupt\n")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_no_process_outlives_the_one_that_was_killed(tmp_path: Path, method: str) -> None:
    with working(tmp_path, method) as process:
        process.kill()
        process.wait(30)
        end = time.monotonic() + 30
        while group_is_alive(process.pid):
            assert time.monotonic() < end
            time.sleep(0.05)

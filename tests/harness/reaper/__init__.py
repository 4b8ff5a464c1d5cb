"""What a run must not leave behind: told to a process that outlives it (docs/decisions/0015).

Each process of a run holds a connection to the reaper, and tells it what it begins (`hold`) and
what it has ended itself (`release`). When the connection closes, however that comes about, the
reaper ends what is still held. Without a reaper all of this does nothing.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.harness.paths import ROOT

# Where the first process of a run tells the workers to connect to.
ADDRESS = "DRYDOCK_TEST_REAPER"
# A child restores what SIGPIPE does before it tells of itself, and must not die of it.
FLAGS = getattr(socket, "MSG_NOSIGNAL", 0)
_connections: list[socket.socket] = []


@contextmanager
def running() -> Iterator[None]:
    """Start the reaper of a run, whose first process this is."""
    # Not in TMPDIR: the name of a Unix socket has at most about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="drydock-reaper-", dir="/tmp"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        listener.listen(64)
        os.environ[ADDRESS] = str(folder / "socket")
        join()  # the first that it accepts, and so the one whose end is the end of the run
        subprocess.run(
            [sys.executable, "-m", "tests.harness.reaper", str(listener.fileno()), str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,
            check=True,
        )
    try:
        yield
    finally:
        del os.environ[ADDRESS]
        _connections.pop().close()


def join() -> None:
    """Connect this process to the reaper of its run, if that has one: it needs servers for it."""
    if ADDRESS not in os.environ:
        return
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.environ[ADDRESS])
    _connections.append(connection)
    tell("join", str(os.getpid()))


def tell(*words: str) -> None:
    """Send a message; a reaper that is gone is no reason to fail."""
    if _connections:
        with suppress(OSError):
            _connections[-1].sendall(json.dumps(words).encode() + b"\n", FLAGS)


def hold(kind: str, *what: str) -> None:
    """Begin something: a `group`, a `folder`, or what a run with a prefix has in a `server`."""
    tell("hold", kind, *what)


def release(kind: str, *what: str) -> None:
    """Say that something is no more."""
    tell("release", kind, *what)


@contextmanager
def held(kind: str, *what: str) -> Iterator[None]:
    """Hold something for as long as the block lasts."""
    hold(kind, *what)
    try:
        yield
    finally:
        release(kind, *what)


def end_the_others() -> None:
    """End the other processes of this run at once, and all that they hold."""
    tell("end")

"""Servers of this run's own that are one process each: started, waited for, ended."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.harness import reaper
from tests.harness.process import finish
from tests.harness.servers.kind import UnreachableError


def free_port() -> int:
    """Find a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answer_of(
    process: "subprocess.Popen[bytes]",
    ask: Callable[[], str],
    end: Callable[[], None],
    seconds: float = 60,
) -> str:
    """Ask a server that was just started until it answers.

    Raises:
        UnreachableError: where it ends or does not answer in time; it is ended then.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask()
        except UnreachableError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                end()
                raise UnreachableError(f"{process.args!r} does not serve: {error}") from error
            time.sleep(0.1)


def end_process(process: "subprocess.Popen[bytes]", seconds: float = 20) -> None:
    """End a server and what it started, gently first."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        finish(process)


def new_folder(kind: str) -> Path:
    """Make a folder for the data of a server; its name is short, for a socket may lie in it."""
    # As the server names it, whose command line is searched for it.
    data = Path(tempfile.mkdtemp(prefix=f"drydock-{kind}-")).resolve()
    reaper.hold("folder", str(data))
    return data


def remove_folder(data: Path) -> None:
    """Remove the data of a server that has ended."""
    shutil.rmtree(data, ignore_errors=True)
    reaper.release("folder", str(data))

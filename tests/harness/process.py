"""Commands of a generated service, run as its owner would: no trace of this test run in them."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.harness.paths import uv

# What a nested uv, make or pytest would take from this run instead of from the service.
STRANGERS = {
    "BROKER_URL",
    "CI",
    "DATABASE_URL",
    "ENVIRONMENT",
    "MAIL_FROM",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHOME",
    "PYTHONPATH",
    "SECRET_KEY",
    "SMTP_URL",
    "TASK_QUEUE",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "VIRTUAL_ENV",
}
STRANGE_PREFIXES = ("COV_", "COVERAGE_", "DRYDOCK_", "PYTEST_")
TAIL = 20_000


class CommandError(AssertionError):
    """A command ended with another exit code than 0; the message holds what it printed."""


@dataclass(frozen=True)
class Finished:
    """A command that ended: its exit code and what it printed, both streams together."""

    code: int
    output: str


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a developer's shell, with `extra` on top."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in STRANGERS and not name.startswith(STRANGE_PREFIXES)
    }
    kept["PATH"] = os.pathsep.join([kept["PATH"], str(Path(uv()).parent)])
    return kept | dict(extra)


def heed_interrupts() -> None:
    """Take Ctrl-C as at a terminal, in a child: a run in the background passes on to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def group_is_alive(group: int) -> bool:
    """Say whether any process of the group still runs.

    One that ended does not, though it is listed until init has taken note: that can be a second.
    """
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    listed = [entry for entry in map(state_and_group, Path("/proc").glob("[0-9]*/stat")) if entry]
    return not listed or any(each == group and state not in "ZX" for state, each in listed)


def state_and_group(stat: Path) -> tuple[str, int] | None:
    """Read from an entry in /proc how a process is, and which group it belongs to."""
    try:
        state, _, group = stat.read_text(errors="replace").rpartition(")")[2].split()[:3]
    except (OSError, ValueError):  # it is gone
        return None
    return state, int(group)


def kill_group(group: int) -> None:
    """End what is left of a process group."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def attempt(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], seconds: float = 600
) -> Finished:
    """Run a command to its end, in a group of its own, without a terminal."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_group(process.pid)
        output, _ = process.communicate()
        output += f"\n(ended after {seconds:.0f} s)"
        return Finished(124, output)
    return Finished(process.returncode, output)


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], seconds: float = 600) -> str:
    """Run a command that must succeed, and give what it printed.

    Raises:
        CommandError: with the output, where it did not.
    """
    finished = attempt(command, cwd=cwd, env=env, seconds=seconds)
    if finished.code != 0:
        raise CommandError(
            f"`{' '.join(command)}` in {cwd} ended with {finished.code}:\n{finished.output[-TAIL:]}"
        )
    return finished.output


class Server:
    """A server in a process group of its own, with its output in a file."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self.log = log

    def output(self) -> str:
        """Give what it has printed so far."""
        return self.log.read_text(errors="replace")[-TAIL:]

    def terminate(self, seconds: float) -> int:
        """Send SIGTERM to the command alone, as an init system does, and give its exit code.

        Raises:
            CommandError: where it does not end in time, or leaves a process behind.
        """
        self.process.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise CommandError(
                f"SIGTERM did not end the server within {seconds:.0f} s:\n{self.output()}"
            ) from None
        deadline = time.monotonic() + 1
        while group_is_alive(self.process.pid):
            if time.monotonic() > deadline:
                raise CommandError(f"the server left processes behind:\n{self.output()}")
            time.sleep(0.02)
        return code


@contextmanager
def serving(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path
) -> Iterator[Server]:
    """Run a server for as long as the block lasts; nothing of it is left after."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=heed_interrupts,
        )
    try:
        yield Server(process, log)
    finally:
        kill_group(process.pid)
        process.wait()

"""Commands of a generated service, run as its owner would: no trace of this test run in them."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.harness import reaper
from tests.harness.groups import group_is_alive, kill_group
from tests.harness.paths import inner_root, uv

# What a nested uv, make or pytest would take from this run instead of from the service.
STRANGERS = {
    "ALLOWED_HOSTS",
    "BROKER_URL",
    "CI",
    "CONTRACT_EXAMPLES",
    "CORS_ORIGINS",
    "DATABASE_URL",
    "DEBUG",
    "DOCS",
    "ENVIRONMENT",
    "MAIL_FROM",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "PORT",
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
    return kept | {"PYTEST_DEBUG_TEMPROOT": inner_root()} | dict(extra)


def heed_interrupts() -> None:
    """Take Ctrl-C as at a terminal, in a child: a run in the background passes on to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(command: Sequence[str], **how: Any) -> "subprocess.Popen[Any]":
    """Start a process in a group of its own, which does not outlive this run (`finish` ends it)."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=begin_group, **how)


def begin_group() -> None:
    """Make ready in a child: it is told of before it can start anything."""
    reaper.hold("group", str(os.getpid()))
    heed_interrupts()


def finish(process: "subprocess.Popen[Any]") -> None:
    """End a process, and what is left of its group."""
    kill_group(process.pid)
    process.wait()
    reaper.release("group", str(process.pid))


def attempt(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], seconds: float = 600
) -> Finished:
    """Run a command to its end, in a group of its own, without a terminal."""
    process = start(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_group(process.pid)
        output, _ = process.communicate()
        output += f"\n(ended after {seconds:.0f} s)"
        return Finished(124, output)
    finally:
        finish(process)
    return Finished(process.returncode, output)


def said(
    command: Sequence[str],
    folder: Path,
    env: Mapping[str, str] = MappingProxyType({}),
    *,
    seconds: float = 120,
) -> str:
    """Run a checker or a generator; give what it printed where it refused something or broke."""
    finished = attempt(command, cwd=folder, env=environment(env), seconds=seconds)
    if finished.code == 0:
        return ""
    return finished.output or f"{command[0]} ended with {finished.code}"


def program(name: str, path: str | None = None) -> str:
    """Find a program.

    Raises:
        LookupError: where there is none.
    """
    found = shutil.which(name, path=path)
    if found is None:
        raise LookupError(f"{name} is missing")
    return found


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
        process = start(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Server(process, log)
    finally:
        finish(process)

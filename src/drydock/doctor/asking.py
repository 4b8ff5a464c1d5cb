"""Programs that are asked at the same time, and ended where they take too long."""

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from drydock.doctor.finding import Finding, warning

# Seconds for a program to end in order; what it started may need it.
GRACE = 1


@dataclass(frozen=True)
class Answer:
    """How a program ended, and what it said on both streams."""

    code: int
    out: str
    err: str

    @property
    def reason(self) -> str:
        """The last thing that was said, without the name of an exception or hints of libraries."""
        lines = [line.strip() for line in (self.err or self.out).splitlines()]
        told = [line for line in lines if line and not line.startswith("(Background on")]
        last = told[-1] if told else "it said nothing"
        kind, colon, words = last.partition(": ")
        if colon and kind.endswith(("Error", "Exception")) and " " not in kind:
            last = words
        return last.rpartition(".Error) ")[2]


class Asked:
    """A program that runs in a group of its own, so that it ends with all that it started."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        """Start it.

        Raises:
            OSError: where there is no such program.
        """
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Let it run."""
        return self

    def answer(self, seconds: float) -> Answer | None:
        """Wait for its answer, so long at most; None where there is none by then."""
        try:
            out, err = self.process.communicate(timeout=max(0, seconds))
        except subprocess.TimeoutExpired:
            return None
        return Answer(self.process.returncode, out, err)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, as Ctrl-C would; where it does not heed that, at once."""
        if self.process.poll() is None:
            self._tell("SIGINT")
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
            self._tell("SIGKILL")
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def _tell(self, name: str) -> None:
        if not hasattr(os, "killpg"):  # Windows
            self.process.kill()
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, getattr(signal, name))


@dataclass(frozen=True)
class Inquiry:
    """A program to ask about one thing, and what follows from its answer."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    conclude: Callable[[Answer], Finding]

    def finding(self, answer: Answer | None) -> Finding:
        """Say what follows; an answer that does not come is no fault of the service."""
        if answer is None:
            words = "no answer in time; --timeout gives it more seconds"
            return warning(self.name, words, shlex.join(self.command))
        return self.conclude(answer)

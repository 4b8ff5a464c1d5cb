"""A page of the documentation, done: its files are written, its commands run, its outputs compared.

    ```sh                       commands, which have to succeed, in one shell from block to block
    ```text                     what the commands before it print, `…` for anything
    ```python title="PATH"      a file
    <!-- exit code 2 -->        how the commands after it end
    <!-- Ctrl-C -->             the end of the server that was started last

Where a reader types what this machine cannot know, an address or a port, the place knows it.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.harness.paths import ROOT, mypy_cache, uv
from tests.harness.process import CommandError, Server, attempt, environment, serving
from tests.harness.servers.private import free_port
from tests.harness.service import wait_for

PART = re.compile(
    r"^```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$"
    r"|^<!-- exit code (?P<code>\d+) -->$"
    r"|^<!-- (?P<stop>Ctrl-C) -->$",
    re.MULTILINE | re.DOTALL,
)
# What does not end by itself. It listens at the port that the page says.
SERVES = re.compile(r"^(make dev|uv run app serve)\b.*\b8000\b", re.MULTILINE)
PORT = "8000"
ADDRESS = "PATH-OR-URL-OF-THIS-REPOSITORY"


@dataclass(frozen=True)
class File:
    """A file that the page shows."""

    path: str
    text: str


@dataclass(frozen=True)
class Commands:
    """A block of commands: how they end, and what they print; `expected` is None where not said."""

    script: str
    code: int
    expected: str | None


@dataclass(frozen=True)
class Stop:
    """Ctrl-C in the terminal of the server."""


Step = File | Commands | Stop


@dataclass(frozen=True)
class Running:
    """A server in a terminal of its own; `opened` ends it for good."""

    script: str
    server: Server
    opened: ExitStack


def steps(page: str) -> Iterator[Step]:
    """Read what a page has its reader do.

    Raises:
        LookupError: for an output that follows no commands.
    """
    parts = list(PART.finditer(page))
    code = 0
    for number, part in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else None
        if part["code"]:
            code = int(part["code"])
        elif part["stop"]:
            yield Stop()
        elif part["title"]:
            yield File(part["title"], part["body"])
        elif part["language"] == "sh":
            is_followed = following is not None and following["language"] == "text"
            expected = following["body"] if following is not None and is_followed else None
            yield Commands(part["body"], code, expected)
            code = 0
        elif part["language"] == "text" and (number == 0 or parts[number - 1]["language"] != "sh"):
            raise LookupError(f"an output follows no commands: {part['body']}")


def missing(expected: str, output: str) -> str:
    """Give the first line that a page shows and that was not printed after those before it."""
    lines = iter(output.splitlines())
    for line in expected.splitlines():
        wanted = ".*".join(map(re.escape, line.strip().split("…")))
        if not any(re.fullmatch(wanted, printed.strip()) for printed in lines):
            return line
    return ""


class Walk:
    """A reader with an empty home who types what pages say."""

    def __init__(self, place: Path, repository: Path) -> None:
        """Begin in an empty folder; `repository` is what they clone."""
        self.place, self.repository, self.port = place, repository, str(free_port())
        self.variables = place / "variables"
        self.folder = place / "work"
        home = place / "home"
        for folder in (self.folder, home):
            folder.mkdir()
        self.env = without_a_home(home)
        self.running = list[Running]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self.running:
            self.running.pop().opened.close()

    def take(self, page: str) -> int:
        """Do all that a page says; give how many commands that were.

        Raises:
            CommandError: naming the command that ends otherwise, or prints something else.
        """
        number = 0
        for step in steps(page):
            match step:
                case File(path, text):
                    file = self.folder / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, encoding="utf-8")
                case Stop():
                    self.stop()
                case Commands(script, 0, expected) if SERVES.search(script):
                    self.serve(self.known(script), expected)
                    number += 1
                case Commands(script, code, expected):
                    self.run(self.known(script), code, expected)
                    number += len(script.splitlines())
        return number

    def go_to(self, folder: str) -> None:
        """Open a new shell in a folder."""
        self.folder = self.place / "work" / folder
        self.variables.unlink()

    def known(self, text: str) -> str:
        """Put in what a reader knows."""
        return text.replace(ADDRESS, shlex.quote(str(self.repository))).replace(PORT, self.port)

    def run(self, script: str, code: int, expected: str | None) -> None:
        """Run commands in the shell that the last ones have left."""
        finished = attempt(self.shell(script), cwd=self.folder, env=self.env)
        if finished.code != code:
            raise CommandError(f"{script}ended with {finished.code}:\n{finished.output}")
        self.compare(script, expected, finished.output)
        self.folder = Path((self.place / "folder").read_text().strip())

    def serve(self, script: str, expected: str | None) -> None:
        """Start what serves, in a terminal of its own, and wait until it answers."""
        opened = ExitStack()
        log = self.place / f"server-{len(self.running)}.log"
        command = self.shell(f"exec {script}")
        server = opened.enter_context(serving(command, cwd=self.folder, env=self.env, log=log))
        self.running.append(Running(script, server, opened))
        wait_for(f"http://127.0.0.1:{self.port}", server)
        self.compare(script, expected, server.output())

    def stop(self) -> None:
        """Press Ctrl-C, after which a server ends by itself.

        Raises:
            CommandError: with what it printed, where it does not, or tells of an error.
        """
        last = self.running.pop()
        with last.opened:
            if last.script.startswith("make"):
                os.killpg(last.server.process.pid, signal.SIGINT)
            else:  # uv passes it on where there is no terminal that does: it would come twice
                last.server.process.send_signal(signal.SIGINT)
            try:
                last.server.process.wait(30)
            except subprocess.TimeoutExpired:
                raise CommandError(f"Ctrl-C did not end it:\n{last.server.output()}") from None
            if "Traceback" in last.server.output():
                raise CommandError(f"it ended with an error:\n{last.server.output()}")

    def shell(self, script: str) -> list[str]:
        """Give the command that runs a script with the variables of those before it."""
        before = f"test ! -f {self.variables} || . {self.variables}\n"
        # However it ends, and `exit` keeps the exit code.
        left = f"trap 'export -p >{self.variables}; pwd >{self.place}/folder' EXIT\n"
        return ["bash", "-c", f"{before}{left}set -ae -o pipefail\n{script}"]

    def compare(self, script: str, expected: str | None, output: str) -> None:
        line = missing(self.known(expected), output) if expected else ""
        if line:
            raise CommandError(f"{script}was to print {line!r}, and printed:\n{output}")


def without_a_home(home: Path) -> Mapping[str, str]:
    """Give the environment of somebody who has installed nothing but what the page asks for.

    uv keeps its cache, so that nothing is fetched twice, and mypy what it knows of libraries.
    """
    usual = environment({})
    cache = attempt([uv(), "cache", "dir"], cwd=home, env=usual).output.strip()
    kept = {name: value for name, value in usual.items() if not name.startswith("XDG_")}
    return kept | {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(home / ".local/bin"), usual["PATH"]]),
        "GIT_CONFIG_NOSYSTEM": "1",
        "MYPY_CACHE_DIR": str(mypy_cache()),
        "UV_CACHE_DIR": cache,
        "UV_CONSTRAINT": str(ROOT / "constraints.txt"),
        "UV_PYTHON": sys.executable,
    }

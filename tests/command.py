"""Runs the command as people do: its own process, an empty home, nothing of this machine's Git."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.harness.process import finish, start

COMPILED = shutil.ignore_patterns("__pycache__")
ROOT = Path(__file__).resolve().parents[1]
CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]")

# Enough of a template to be asked, rendered and installed; the interview is the real one.
SMALL = {
    "{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml }}",
    "app/__init__.py": '"""The service."""\n',
    "pyproject.toml.jinja": '[project]\nname = "{{ project_slug }}"\nversion = "0.1.0"\n'
    'requires-python = ">=3.11"\ndependencies = []\n',
    ".gitignore": ".venv/\n",
}


class Command:
    """A place with an empty home, and the environment in which commands run there."""

    def __init__(self, place: Path) -> None:
        """Make the home beside the folder that commands run in."""
        self.cwd = place / "work"
        self.cwd.mkdir()
        home = place / "home"
        home.mkdir()
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GIT_", "COPIER_", "XDG_", "COV_", "PYTEST_"))
        }
        self.env = inherited | {
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "COLUMNS": "80",
            "TERM": "xterm",
        }
        for name in ("VIRTUAL_ENV", "EMAIL", "NO_COLOR", "FORCE_COLOR", "EDITOR"):
            self.env.pop(name, None)

    def drydock(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the command without a terminal."""
        return self.python("drydock", *arguments, **env)

    def python(self, module: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a module of this interpreter."""
        return self.run(sys.executable, "-m", module, *arguments, **env)

    def run(self, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run any program; the caller looks at its exit code."""
        process = start(
            command,
            cwd=self.cwd,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            output, errors = process.communicate(timeout=300)
        finally:
            finish(process)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    def git(self, folder: Path, *arguments: str) -> str:
        """Run Git in a folder, as somebody, and give what it prints."""
        who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
        done = self.run("git", "-C", str(folder), *who, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def terminal(
        self, *arguments: str, module: str = "drydock"
    ) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Run the command on a terminal of its own; what is written to it is typed."""
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, 80))
        process = start(
            [sys.executable, "-m", module, *arguments],
            cwd=self.cwd,
            env=self.env | {"PROMPT_TOOLKIT_NO_CPR": "1"},  # nobody here says where the cursor is
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        try:
            with os.fdopen(ours, "r+b", buffering=0) as screen:
                yield process, screen
        finally:
            finish(process)


def small_template(command: Command, folder: Path, files: dict[str, str] | None = None) -> Path:
    """Make a template repository of the real interview and a few files."""
    shutil.copytree(ROOT / "extensions", folder / "extensions", ignore=COMPILED)
    shutil.copy(ROOT / "copier.yml", folder)
    for name, text in (SMALL | (files or {})).items():
        file = folder / "template" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return commit(command, folder)


def whole_template(command: Command, folder: Path) -> Path:
    """Make a repository of the template as it stands here, committed or not."""
    small_template(command, folder, {})
    shutil.rmtree(folder / "template")
    shutil.copytree(ROOT / "template", folder / "template", ignore=COMPILED)
    return commit(command, folder)


def checkout(command: Command, folder: Path) -> Path:
    """Make a checkout with a small template and the command itself, which runs from it there."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=COMPILED)
    command.env["PYTHONPATH"] = str(folder / "src")
    (folder / ".gitignore").write_text("__pycache__/\n", encoding="utf-8")
    return small_template(command, folder)


def commit(command: Command, folder: Path, tag: str = "") -> Path:
    """Commit all that a folder holds, in a repository that is made if need be."""
    command.git(folder, "init", "--quiet", "--initial-branch=main")
    command.git(folder, "add", "--all")
    command.git(folder, "commit", "--quiet", "--allow-empty", "--message", "Change")
    if tag:
        command.git(folder, "tag", tag)
    return folder


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Give the mode and the bytes of each file below a folder."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listing(folder: Path) -> list[str]:
    """Name everything below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def without(program: str, folder: Path) -> str:
    """Make a PATH that has all programs of this one but for one."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for found in Path(place).glob("*"):
            link = folder / found.name
            if found.name != program and not link.is_symlink():
                link.symlink_to(found)
    return str(folder)


def read_until(screen: IO[bytes], words: str, seconds: float = 30) -> str:
    """Read a terminal until it shows these words; gives what it showed, without its codes."""
    shown, end = b"", time.monotonic() + seconds
    while words not in (text := CODES.sub("", shown.decode(errors="replace"))):
        ready, _, _ = select.select([screen], [], [], max(0, end - time.monotonic()))
        assert ready, f"{words!r} did not come within {seconds} s, but: {text}"
        shown += screen.read(4096)
    return text

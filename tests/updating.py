"""An owner's service of a small template, the releases that follow, and `drydock update`."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drydock.cli import app
from tests.command import COMPILED, ROOT, SMALL
from tests.harness.releases import git, release
from tests.harness.variants import render

Content = str | bytes | None
# So many lines that a change of the first is no neighbour of a change of the last.
TEXT = "".join(f"line {number} of the template\n" for number in range(1, 13))
FILES: Mapping[str, Content] = {
    **SMALL,
    "app/text.py": TEXT.replace("line", "# line"),
    "notes.txt": TEXT,
    "docs/guide.md": TEXT.replace("line", "step"),
    "docs/gone.md": TEXT.replace("line", "word"),
    "tools/run.sh": "#!/bin/sh\n" + TEXT.replace("line", "# row"),
}


@dataclass(frozen=True)
class Told:
    """How the command ended, and what it said on both streams."""

    code: int
    out: str
    err: str

    @property
    def conflicts(self) -> set[str]:
        """The files that it reported to be in conflict."""
        lines = [line for line in self.out.splitlines() if line.startswith("conflict  ")]
        return {line.removeprefix("conflict  ").rpartition(": ")[0] for line in lines}


@dataclass
class Owner:
    """Somebody with a service; `template` is the repository that it is from."""

    template: Path
    service: Path
    releases: int = 1

    def release(self, files: Mapping[str, Content]) -> None:
        """Let the template change files (None removes one), and tag its next release."""
        self.releases += 1
        write(self.template / "template", files)
        release(self.template, f"0.{self.releases}.0")

    def commit(self, files: Mapping[str, Content] | None = None) -> None:
        """Change files of the service (None removes one), and commit all of it."""
        write(self.service, files or {})
        git(self.service, "add", "--all")
        git(self.service, "commit", "--quiet", "--allow-empty", "--message", "Our own")

    def update(self, *options: str, checks: bool = False) -> Told:
        """Run the command, in this process."""
        return drydock("update", str(self.service), *options, *([] if checks else ["--no-checks"]))

    def updated(self, *options: str) -> Told:
        """Run an update that leaves nothing to do."""
        told = self.update(*options)
        assert told.code == 0, told
        return told

    def read(self, name: str) -> str:
        """Read a file of the service."""
        return (self.service / name).read_bytes().decode()

    def git(self, *arguments: str) -> str:
        """Run Git in the service."""
        return git(self.service, *arguments)


def drydock(*arguments: str) -> Told:
    """Run the command in this process, and see that it does not crash."""
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Told(done.exit_code, done.stdout, done.stderr)


def write(folder: Path, files: Mapping[str, Content]) -> None:
    """Remove the files below a folder that are None here, and write the others."""
    for name in (name for name, content in files.items() if content is None):
        (folder / name).unlink()
        if not any((folder / name).parent.iterdir()):
            (folder / name).parent.rmdir()
    for name, content in files.items():
        if content is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def small_releases(place: Path, files: Mapping[str, Content] = FILES) -> Path:
    """Make a repository of a small template, with the real interview, at its first release."""
    shutil.copytree(ROOT / "extensions", place / "extensions", ignore=COMPILED)
    shutil.copy(ROOT / "copier.yml", place)
    write(place / "template", files)
    (place / "template/tools/run.sh").chmod(0o755)
    git(place, "init", "--quiet", "--initial-branch", "main")
    release(place, "0.1.0")
    return place


def built(template: Path, service: Path, *options: str) -> Path:
    """Build a service of the template as it is, in a repository made with these options."""
    render({"project_name": "Harbour"}, service, template)
    git(service, "init", "--quiet", "--initial-branch", "main", *options)
    git(service, "add", "--all")
    git(service, "commit", "--quiet", "--message", "As generated")
    return service


def quiet_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """Give commands of this process an empty home, and nothing of this machine's Git."""
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return home


def everything(folder: Path, without: str = "") -> dict[str, tuple[int, object]]:
    """Take down all that lies below a folder, Git's own files too: mode, and content or target."""
    found: dict[str, tuple[int, object]] = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != without]
        for path in (Path(parent, name) for name in (*names, *folders)):
            if path.is_symlink() or path.is_file():
                content: object = path.readlink() if path.is_symlink() else path.read_bytes()
                found[path.relative_to(folder).as_posix()] = (path.lstat().st_mode, content)
    return found


def state(service: Path) -> dict[str, object]:
    """Take down the files of a service, and what is staged, on which commit."""
    staged = git(service, "ls-files", "--stage")
    return everything(service, ".git") | {"staged": staged, "on": head(service)}


def head(service: Path) -> str:
    """Say where the repository of a service stands."""
    return git(service, "rev-parse", "HEAD") + git(service, "for-each-ref")

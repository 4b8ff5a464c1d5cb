"""`make release` makes a release of a clean tree with notes, and otherwise changes nothing."""

import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.version import Version

from drydock import changelog
from drydock.changelog import FILE, MUST_DO, UNRELEASED
from drydock.errors import Refused
from tests.harness.history import released
from tests.harness.paths import ROOT
from tests.harness.releases import commit, git
from tools.release import release

NOTES = f"### Fixed\n\n- A leak.\n\n### {MUST_DO}\n\n- Pump.\n"
NEXT = "1000.0.0"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This repository with notes on what is not released, all of it committed."""
    git(tmp_path, "clone", "--quiet", str(ROOT), "clone")
    place = tmp_path / "clone"
    for name, value in (("name", "Test"), ("email", "test@example.com")):
        git(place, "config", f"user.{name}", value)
    note(place, NOTES)
    return place


def note(place: Path, notes: str) -> None:
    """Write what is not released yet, and nothing else there."""
    log = (ROOT / FILE).read_text(encoding="utf-8")
    head, _, rest = log.partition(f"## [{UNRELEASED}]\n")
    released = rest[rest.index("\n## [") :]
    (place / FILE).write_text(f"{head}## [{UNRELEASED}]\n\n{notes}{released}", encoding="utf-8")
    commit(place, "Note")


def test_a_release_has_a_heading_a_version_a_commit_and_a_tag(clone: Path) -> None:
    before = changelog.read(clone)

    release(clone, NEXT)

    unreleased, newest, *others = changelog.read(clone)
    assert (unreleased.version, unreleased.sections) == (None, {})
    assert (newest.version, newest.date) == (Version(NEXT), datetime.now(UTC).date())
    assert newest.sections == {"Fixed": ["A leak."], MUST_DO: ["Pump."]}
    assert others == before[1:]
    project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == NEXT
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "log", "-1", "--format=%s").strip() == f"Release {NEXT}"
    assert git(clone, "show", "--format=", "--name-only").split() == [FILE, "pyproject.toml"]
    assert git(clone, "describe").strip() == NEXT
    git(clone, "tag", "--delete", NEXT)
    assert released(clone)[-1].commit == git(clone, "rev-parse", "HEAD").strip()


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("", "no version"),
        ("next", "no version"),
        ("v1000.0.0", "written 1000.0.0"),
        ("1000.0.0-rc1", "written 1000.0.0rc1"),
        ("0.1.1", "not newer"),
        ("0.2.0", "not newer"),
    ],
)
def test_a_version_that_is_none_or_not_newer_is_refused(
    clone: Path, version: str, why: str
) -> None:
    refused(clone, version, why)


@pytest.mark.parametrize(
    ("notes", "why"),
    [("", "is empty"), ("### Fixed\n\n- A leak.\n", MUST_DO), (f"### {MUST_DO}\n", "is empty")],
)
def test_a_release_without_notes_is_refused(clone: Path, notes: str, why: str) -> None:
    note(clone, notes)
    refused(clone, NEXT, why)


def test_a_tree_that_is_not_committed_is_refused(clone: Path) -> None:
    (clone / "new.txt").write_text("new", encoding="utf-8")
    refused(clone, NEXT, "not everything is committed")


def test_a_tag_that_is_there_is_refused(clone: Path) -> None:
    git(clone, "tag", NEXT)
    refused(clone, NEXT, "there is a tag")


def test_a_commit_that_fails_leaves_nothing_behind(clone: Path) -> None:
    hook = clone / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho no time >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    refused(clone, NEXT, "no time")


def refused(clone: Path, version: str, why: str) -> None:
    """See a release refused in one sentence, and the clone as it was."""
    before = git(clone, "status", "--porcelain"), git(clone, "show-ref", "--head")
    with pytest.raises(Refused, match=re.escape(why)) as caught:
        release(clone, version)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert (git(clone, "status", "--porcelain"), git(clone, "show-ref", "--head")) == before


@pytest.mark.parametrize(
    "command",
    [
        ["make", "--old-file=.venv/installed", "release"],
        [sys.executable, "-m", "tools.release", "next"],
    ],
)
def test_the_command_says_why_and_ends_with_2(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "is no version of PEP 440" in done.stderr
    assert "Traceback" not in done.stderr

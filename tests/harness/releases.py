"""The template as a repository with releases, and services that go from one to another."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from copier import run_update
from packaging.version import Version

from tests.harness.history import released
from tests.harness.paths import ROOT
from tests.harness.variants import OF_A_TEMPLATE, render, snapshot

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *IDENTITY, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)


def release(template: Path, version: str) -> None:
    commit(template, version)
    git(template, "tag", version)


def repository(place: Path) -> Path:
    """Make an empty repository."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "--quiet", "--initial-branch", "main")
    return place


def first_release(place: Path) -> Path:
    """Make the template, as it is now, a repository with a first release."""
    template = repository(place)
    snapshot(template)
    release(template, "0.1.0")
    return template


def all_releases(place: Path) -> Path:
    """Make a repository of the releases so far, and of the template as it is now as the next one.

    Raises:
        LookupError: where the history of the checkout does not reach back to all of them.
    """
    template = repository(place)
    newest = Version("0")
    for each in released():
        newest = each.version
        clear(template)
        unpack(each.commit, template)
        release(template, str(newest))
    clear(template)
    snapshot(template)
    release(template, f"{newest.major}.{newest.minor + 1}.0")
    return template


def clear(template: Path) -> None:
    """Take everything out of the work tree."""
    for path in template.iterdir():
        if path.name == ".git":
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def unpack(at: str, template: Path) -> None:
    """Write what the template was in a commit of this checkout."""
    command = ["git", "archive", at, *OF_A_TEMPLATE]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(template, filter="data")


def tags(template: Path) -> list[str]:
    """Name the releases of a repository, the oldest first."""
    return sorted(git(template, "tag").split(), key=Version)


def publish(tag: str, template: Path, place: Path) -> Path:
    """Bring a repository at `place` to a release, the newest that it knows of."""
    if not place.exists():
        repository(place)
    git(place, "fetch", "--quiet", "--no-tags", str(template), f"refs/tags/{tag}:refs/tags/{tag}")
    git(place, "reset", "--quiet", "--hard", tag)
    return place


def generate(template: Path, service: Path, answers: Mapping[str, Any]) -> Path:
    """Build a service from the newest release, and commit it."""
    render(answers, service, template)
    git(service, "init", "--quiet", "--initial-branch", "main")
    commit(service, "As generated")
    return service


def update(service: Path, answers: Mapping[str, Any] | None = None) -> None:
    """Bring a service to the newest release, with these answers changed; commit nothing."""
    run_update(
        service,
        data=dict(answers or {}),
        defaults=True,
        overwrite=True,
        unsafe=True,
        quiet=True,
    )


def recorded(service: Path) -> dict[str, Any]:
    """Read the answers that a service records, without where they come from."""
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text(encoding="utf-8"))
    return {key: value for key, value in answers.items() if not key.startswith("_")}

"""The template as a repository with releases, and services that go from one to another."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from copier import run_update

from tests.harness.variants import render, snapshot

IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *IDENTITY, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def release(template: Path, version: str) -> None:
    commit(template, version)
    git(template, "tag", version)


def first_release(place: Path) -> Path:
    """Make the template, as it is now, a repository with a first release."""
    template = snapshot(place)
    git(template, "init", "--quiet", "--initial-branch", "main")
    release(template, "0.1.0")
    return template


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

"""`drydock new`: answers in, a service out, or nothing at all."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drydock import answers, display, repository, source
from drydock.installation import install
from drydock.rendering import Template, loaded
from drydock.staging import Staging, check_free


def new(
    path: Path,
    *,
    data: Sequence[str],
    data_file: Path | None,
    defaults: bool,
    template: str | None,
    ref: str | None,
    git: bool,
    installs: bool,
) -> None:
    """Build a service at a path.

    Everything is asked, rendered and shown before the place is touched; a failure after that
    removes it again.

    Raises:
        Refused: when that cannot be done; nothing is left then.
        KeyboardInterrupt: on Ctrl-C; nothing is left then either.
    """
    repository.check_git()
    destination = Path(os.path.abspath(path))  # noqa: PTH100, as typed: links keep their name
    check_free(destination)
    given = answers.gather(data, data_file)
    origin = source.find(template, ref)
    ask = not defaults and sys.stdin.isatty()
    with Staging(destination) as staging, loaded(origin, staging.folder) as found:
        answers.check(given, found.questions)
        for notice in found.notices:
            display.warn(notice)
        with display.rendering(staging.folder):
            recorded = found.render(given, ask=ask)
        display.summary(destination, staging.folder, recorded)
        if ask and not display.confirmed("Build it?"):
            display.out.print("Nothing was built.")
            return
        number = len(display.files(staging.folder))
        staging.place()
        display.done(f"Rendered {number} files from {versioned(found)}")
        finish(
            destination,
            recorded,
            f"Start from the Drydock template {found.version}".strip(),
            git=git,
            installs=installs,
        )
        staging.keep()
    display.following(path, installed=(destination / ".venv").is_dir())


def finish(
    folder: Path, recorded: Mapping[str, Any], subject: str, *, git: bool, installs: bool
) -> None:
    """Install the service and commit it, lock file included.

    Raises:
        Refused: when Git fails. A failed installation is reported, for it can be repeated.
    """
    if git:
        repository.create(folder)
    if installs:
        with display.working("Installing with uv"):
            problem = install(folder)
        if problem:
            display.warn(f"not installed ({problem}): run `uv sync` in it later.")
        else:
            display.done("Installed with uv, versions locked in uv.lock")
    if git:
        repository.commit(folder, subject, recorded)
        display.done("Git repository with a first commit")


def versioned(template: Template) -> str:
    """Name the template and its version."""
    return " ".join(filter(None, (template.source.location, template.version)))

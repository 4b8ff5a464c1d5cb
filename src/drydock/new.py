"""`drydock new`: answers in, a service out, or nothing at all."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drydock import answers, display, repository, source
from drydock.asking.conduct import Interview, absolute
from drydock.errors import Refused
from drydock.installation import install
from drydock.rendering import Template, loaded
from drydock.staging import Staging, claim


def new(
    path: Path | None,
    *,
    data: Sequence[str],
    data_file: Path | None,
    defaults: bool,
    template: str | None,
    ref: str | None,
    git: bool,
    installs: bool,
) -> None:
    """Build a service at a path; without one, at a terminal, ask for it too.

    Everything is asked and shown before anything is written; a failure after that removes it again.

    Raises:
        Refused: when that cannot be done; nothing is left then.
        KeyboardInterrupt: on Ctrl-C; nothing is left then either.
    """
    repository.check_git()
    ask = not defaults and sys.stdin.isatty()
    if path is not None:
        claim(absolute(path))
    elif not ask:
        raise Refused("nobody can be asked where it goes: give a folder, `drydock new billing`.")
    given = answers.gather(data, data_file)
    with loaded(source.find(template, ref), absolute(path or Path())) as found:
        answers.check(given, found.questions)
        for notice in found.notices:
            display.warn(notice)
        settled = (path, given) if path and not ask else Interview(found, given).conduct(path)
        if settled is None:
            display.out.print("Nothing was built.")
            return
        place, given = settled
        build(found, place, given, git=git, installs=installs, was_shown=ask)
    display.following(place, installed=(absolute(place) / ".venv").is_dir())


def build(
    template: Template,
    path: Path,
    given: Mapping[str, Any],
    *,
    git: bool,
    installs: bool,
    was_shown: bool,
) -> None:
    """Render beside the place, show what came out, and move it there.

    Raises:
        Refused: when that cannot be done.
    """
    destination = absolute(path)
    with Staging(destination) as staging:
        with display.rendering(staging.folder):
            recorded = template.at(staging.folder).render(given, ask=False)
        display.summary(destination, staging.folder, {} if was_shown else recorded)
        number = len(display.files(staging.folder))
        staging.place()
        display.done(f"Rendered {number} files from {versioned(template)}")
        finish(
            destination,
            recorded,
            f"Start from the Drydock template {template.version}".strip(),
            git=git,
            installs=installs,
        )
        staging.keep()


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

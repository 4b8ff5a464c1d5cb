"""`drydock update`: renders, merges and checks beside the service, and writes at the very end."""

import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import answers as given
from drydock import display, source
from drydock.errors import Refused
from drydock.git import GitError
from drydock.rendering import Template, loaded
from drydock.source import Source
from drydock.update import applying, journal, service, summary
from drydock.update.checks import Check, Checks
from drydock.update.conflicts import explained
from drydock.update.history import History
from drydock.update.merging import Bench, Merged
from drydock.update.service import ANSWERS, Service
from drydock.update.summary import Outcome

# With a conflict in one of these, there is nothing to import or to install.
CODE = (".py", ".toml", ".lock", "Makefile")


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    data: Sequence[str] = ()
    template: str | None = None
    ref: str | None = None
    asks: bool = False
    dry_run: bool = False
    checks: bool = True


def update(path: Path, options: Options) -> int:
    """Bring the service in a folder to a later version of its template.

    Returns:
        0; 1 where something is left to do: a conflict, or a check that failed.

    Raises:
        Refused: when it cannot be done; the service is as it was then.
    """
    try:
        return bring(service.find(path), path, options)
    except GitError as error:
        raise Refused(f"the update cannot be made ({error}).") from error


def bring(found: Service, path: Path, options: Options) -> int:
    """Do what `update` says; the service in `path` is `found`.

    Raises:
        GitError: before anything of the service has changed.
    """
    journal.check_none(found)
    service.check_clean(found)
    changed = given.gather(options.data, None)
    origin = origin_of(found, options)
    with ExitStack() as used:
        place = Path(used.enter_context(tempfile.TemporaryDirectory(prefix="drydock-")))
        # Its name is what Copier offers to templates as the name of the folder.
        folder = place / "new" / found.folder.name
        folder.mkdir(parents=True)
        (folder / ANSWERS).write_bytes((found.folder / ANSWERS).read_bytes())
        begin = time.monotonic()
        with display.working("Fetching the template"):
            newer = used.enter_context(loaded(origin, folder))
        history = History(newer.clone, found.version, newer.version)
        history.check(origin.location)
        given.check(changed, newer.questions)
        for notice in newer.notices:
            display.warn(notice)
        if history.is_same and not changed:
            display.done(f"Up to date with {found.version}")
            return 0
        summary.releases(history)
        old = place / "old" / folder.name
        older = used.enter_context(loaded(Source(origin.location, found.version), old))
        render(found, older, newer, changed, options)
        with display.working("Merging"):
            bench = Bench(place / "service", found)
            merged = bench.merge(bench.tree_of(old), bench.tree_of(folder), newer.version)
        merged_at = time.monotonic()
        checks = run_checks(bench, merged, options)
        tree = bench.with_files(merged.tree, [name for each in checks for name in each.written])
        applying.check_free(found, bench, tree)
        shown = [explained(bench.folder, each, path) for each in merged.conflicts]
        outcome = Outcome(bench, merged, tree, shown, checks)
        summary.outcome(outcome, reasons_of((older, newer), history, merged))
        summary.times(merged_at - begin, time.monotonic() - merged_at)
        if options.dry_run:
            display.done("Nothing was changed: this was a dry run")
        else:
            applying.apply(found, bench, merged, tree, newer.version)
            summary.following(path, outcome)
        return int(outcome.is_unfinished)


def origin_of(found: Service, options: Options) -> Source:
    """Say where the template comes from: what is asked for, or what the service recorded.

    Raises:
        Refused: for a place that does not exist.
    """
    if options.template is not None or options.ref == "":
        return source.find(options.template, options.ref)
    try:
        return Source(source.absolute(found.source), options.ref)
    except Refused as error:
        raise Refused(
            f"the template {found.source!r}, which {ANSWERS} names, does not exist: "
            "give its folder or Git URL with --template."
        ) from error


def render(
    found: Service, older: Template, newer: Template, changed: dict[str, Any], options: Options
) -> None:
    """Render the version that the service has and the one it gets.

    Raises:
        Refused: when an answer may not change, or a template fails.
    """
    asked = older.questions
    given.check({name: found.answers[name] for name in asked if name in found.answers}, asked)
    with display.rendering(newer.worker.subproject.local_abspath):
        newer.render(changed, ask=options.asks and sys.stdin.isatty(), operation="update")
    # What the new version leaves to the owner is the owner's, and not gone.
    without = newer.worker.template.exclude
    with display.working(f"Rendering {found.version}"):
        older.render(found.answers, ask=False, operation="update", without=without)


def run_checks(bench: Bench, merged: Merged, options: Options) -> list[Check]:
    """Look at what came out, as far as its conflicts allow."""
    is_broken = any(each.path.endswith(CODE) for each in merged.conflicts)
    if not options.checks or is_broken:
        return []
    checks = Checks(bench.folder, bench.folder.parent / "check")
    done = []
    for name, check in checks.all():
        with display.working(f"Checking {name}"):
            done.append(check())
    return done


def reasons_of(
    versions: Sequence[Template], history: History, merged: Merged
) -> dict[str, list[str]]:
    """Say for each file in conflict why the template changed it, or took it away."""
    paths = [each.path for each in merged.conflicts]
    names: dict[str, str] = {}
    for version in versions if paths else ():
        names |= version.paths_of(paths)
    return {path: history.reasons(name) for path, name in names.items()}


def abort(path: Path) -> None:
    """Take back an update that is not committed yet.

    Raises:
        Refused: when there is none.
    """
    found = service.checkout(path)
    taken_back = journal.abort(found)
    display.done(
        f"Back at {taken_back.before[:12]}: {len(taken_back.paths)} files are as they were "
        f"before the update to {taken_back.version}"
    )

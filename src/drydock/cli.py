"""The command line: options, help and exit codes; the work is elsewhere."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from drydock import display
from drydock.errors import Refused
from drydock.source import DISTRIBUTION

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)

EXAMPLES = """[bold]Examples[/bold]

[dim]Answer the interview, get a service[/dim]
drydock new
drydock new billing

[dim]Ask nothing, take the defaults but for two answers[/dim]
drydock new billing --defaults -d database=postgres -d layout=layered
"""

NEW_EXAMPLES = f"""{EXAMPLES}
[dim]Take the answers from a file, such as the one of an earlier service[/dim]
drydock new billing --defaults --data-file ../orders/.copier-answers.yml

[dim]Use your own fork of the template, at one of its tags[/dim]
drydock new billing --template gh:team/drydock --ref v1.2.0
"""

VARIANTS_EXAMPLES = """[bold]Examples[/bold]

[dim]List the services that hold every pair of answers[/dim]
drydock variants

[dim]Run the third of eight parts, and write a report of it[/dim]
drydock variants --run --shard 3/8 --report report
"""

UPDATE_EXAMPLES = """[bold]Examples[/bold]

[dim]See what the newest release would bring, then bring it[/dim]
drydock update --dry-run
drydock update

[dim]Change an answer, at the newest release[/dim]
drydock update ../billing -d database=postgres

[dim]Take it back[/dim]
drydock update --abort
"""

STATUS_EXAMPLES = """[bold]Examples[/bold]

[dim]The service in this folder; those of a team, each in a folder of its own[/dim]
drydock status
drydock status ../services

[dim]Fail a build where one is behind, and say which[/dim]
drydock status --json ../services | jq '.[] | select(.behind != []).path'
"""

PREVIEW_EXAMPLES = """[bold]Examples[/bold]

[dim]The tree of a service, or one of its files[/dim]
drydock preview -d database=postgres
drydock preview -d database=postgres app/core/db/engine.py

[dim]What would differ with Celery: all of it, or in one file or folder[/dim]
drydock preview --versus tasks=celery
drydock preview --versus tasks=celery pyproject.toml

[dim]The same for the service in this folder, at its version, without your edits[/dim]
drydock preview --of . --versus tasks=celery
"""

DOCTOR_EXAMPLES = """[bold]Examples[/bold]

[dim]The service in this folder; or, in no service, the tools alone[/dim]
drydock doctor

[dim]Name what failed, for a program[/dim]
drydock doctor --json ../billing | jq -r '.findings[] | select(.verdict == "failed").name'
"""

DataOption = Annotated[
    list[str] | None,
    typer.Option("--data", "-d", metavar="KEY=VALUE", help="Answer one question; repeatable."),
]
DataFileOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Answer questions from a YAML file; -d wins over it."),
]
DefaultsOption = Annotated[
    bool, typer.Option("--defaults", help="Ask nothing: take the default of each question.")
]
TemplateOption = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="Folder or Git URL of the template. It runs code, so use only one you trust.",
    ),
]
RefOption = Annotated[
    str | None, typer.Option(metavar="REF", help="Tag, branch or commit of the template.")
]


@contextmanager
def exit_codes(stopped: str) -> Iterator[None]:
    """Exit with 2, saying why, for what is refused; with 130 after Ctrl-C, saying `stopped`."""
    try:
        yield
    except Refused as error:
        display.refused(error)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        display.err.print(stopped)
        raise typer.Exit(130) from error


def show_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        try:
            typer.echo(f"drydock {version(DISTRIBUTION)}")
        except PackageNotFoundError:
            typer.echo("drydock, not installed: it runs from its source")
        raise typer.Exit


@app.callback(epilog=EXAMPLES)
def drydock(
    _: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=show_version, is_eager=True),
    ] = False,
) -> None:
    """Build FastAPI services from a few answers."""


@app.command(epilog=NEW_EXAMPLES)
def new(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", help="Folder of the service: a new or an empty one."),
    ] = None,
    data: DataOption = None,
    data_file: DataFileOption = None,
    defaults: DefaultsOption = False,
    template: TemplateOption = None,
    ref: RefOption = None,
    no_git: Annotated[
        bool, typer.Option("--no-git", help="Make no repository: it goes into a larger one.")
    ] = False,
    no_install: Annotated[
        bool, typer.Option("--no-install", help="Do not install it, and write no uv.lock.")
    ] = False,
) -> None:
    """Build a new service: interview, files, Git repository, installation.

    The interview asks what -d does not answer, and ends with a summary in which each answer can be
    corrected. Where there is no terminal it asks nothing, as with --defaults.
    """
    from drydock.new import new as build  # here, because Copier takes its time: not for --help

    with exit_codes("\nStopped: nothing was built."):
        build(
            path,
            data=data or [],
            data_file=data_file,
            defaults=defaults,
            template=template,
            ref=ref,
            git=not no_git,
            installs=not no_install,
        )


@app.command(epilog=PREVIEW_EXAMPLES)
def preview(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="One of its files or folders.", show_default=False)
    ] = "",
    data: DataOption = None,
    data_file: DataFileOption = None,
    versus: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Show what this answer would change; repeatable."),
    ] = None,
    of: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Begin with the answers of the service in this folder."),
    ] = None,
    template: TemplateOption = None,
    ref: RefOption = None,
) -> None:
    """Show what answers would make, and write nothing.

    A tree with lines and bytes, a file, or the difference between two sets of answers. What is
    not answered has its default.
    """
    from drydock.preview.command import Options
    from drydock.preview.command import preview as show

    options = Options(data or (), data_file, versus or (), of, template, ref)
    with exit_codes("\nStopped."):
        show(path, options)


@app.command(epilog=VARIANTS_EXAMPLES)
def variants(
    strength: Annotated[
        int,
        typer.Option(metavar="N", help="Cover each combination of N answers: 2 pairs, 3 triples."),
    ] = 2,
    shard: Annotated[
        str, typer.Option(metavar="K/N", help="Take the K-th of N parts, for N machines.")
    ] = "1/1",
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Take one variant; repeatable.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="List them as JSON, for a CI matrix.")
    ] = False,
    run: Annotated[
        bool,
        typer.Option("--run", help="Install, test and serve each one of this checkout's template."),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            metavar="N", help="Run so many at a time.", show_default="the cores, 4 at most"
        ),
    ] = min(os.cpu_count() or 1, 4),
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Run again what passed and has not changed since.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write junit.xml and index.html of the run there."),
    ] = None,
    template: TemplateOption = None,
    ref: RefOption = None,
) -> None:
    """List what the interview may build, and prove that all of it works.

    Every value of every question, and every pair of values, in as few services as possible.
    """
    from drydock.variants.command import variants as command

    with exit_codes("Stopped: what has passed is kept, so the next run goes on from here."):
        code = command(
            template,
            ref,
            strength=strength,
            part=shard,
            only=only or [],
            as_json=as_json,
            runs=run,
            jobs=jobs,
            cached=not no_cache,
            folder=report,
        )
    raise typer.Exit(code)


@app.command(epilog=UPDATE_EXAMPLES)
def update(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder of the service.")] = Path(),
    data: DataOption = None,
    ref: RefOption = None,
    template: TemplateOption = None,
    defaults: DefaultsOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show all of it, and change nothing.")
    ] = False,
    no_checks: Annotated[
        bool, typer.Option("--no-checks", help="Do not install, import and lint what comes out.")
    ] = False,
    abort: Annotated[
        bool,
        typer.Option("--abort", help="Go back to the commit before an update not yet committed."),
    ] = False,
) -> None:
    """Bring a service to a later release of its template.

    What is new is merged with what you edited. The result is checked first, and written at the
    end: staged for you to commit, with markers where you have to decide. Exit code 1 says that
    something is left to do.
    """
    from drydock.update.command import Options
    from drydock.update.command import abort as take_back
    from drydock.update.command import update as bring

    with exit_codes("\nStopped: the service is as it was."):
        if abort:
            take_back(path)
            return
        options = Options(data or (), template, ref, not defaults, dry_run, not no_checks)
        code = bring(path, options)
    raise typer.Exit(code)


@app.command(epilog=STATUS_EXAMPLES)
def status(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH", help="Folder of a service, or one that holds services; repeatable."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects.")] = False,
) -> None:
    """Tell where services stand: releases behind, drift, conflicts.

    Drift is what you changed in files of the template. Exit code 1 says that
    a service is behind, has a conflict or an update to commit; 2, that one
    cannot be told.
    """
    from drydock.status.command import status as command

    with exit_codes("\nStopped."):
        code = command(paths or [Path()], as_json=as_json)
    raise typer.Exit(code)


@app.command(epilog=DOCTOR_EXAMPLES)
def doctor(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder of the service.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print an object.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Wait so long for all answers.", min=0)
    ] = 7,
) -> None:
    """Look for what keeps a service from running here, and say what to type.

    Tools, Python, the repository, the answers file, the template's version, settings, database,
    broker, port. Nothing is changed. Exit code 1 says that something failed.
    """
    from drydock.doctor.command import doctor as command

    with exit_codes("\nStopped."):
        code = command(path, as_json=as_json, seconds=timeout)
    raise typer.Exit(code)


def stop(number: int, _frame: FrameType | None) -> None:
    """Leave in order, so that what is half-written is removed."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command; exits with 2 for what it refuses and 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode gets a ? instead
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores SIGHUP
            signal.signal(number, stop)
    app(prog_name="drydock")

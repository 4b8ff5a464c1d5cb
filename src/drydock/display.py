"""What people see: answers, files, progress, and what to type next."""

import os
import shlex
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from drydock.errors import Refused

# With more files than these, folders show a number instead of names.
NAMES = 12

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def refused(error: Refused) -> None:
    """Print why nothing was made."""
    say(Text.assemble(("Error: ", "bold red"), str(error)))


def warn(message: str) -> None:
    """Print what the user should know, in one line."""
    say(Text.assemble(("Note: ", "bold yellow"), message))


def say(line: Text) -> None:
    """Print a line on stderr: wrapped at words on a terminal, one line in a file."""
    err.print(line, soft_wrap=not err.is_terminal)


def confirmed(question: str) -> bool:
    """Ask whether to go on; Enter says yes.

    Raises:
        KeyboardInterrupt: on Ctrl-C, and where the input ends (Ctrl-D).
    """
    try:
        return Confirm.ask(question, default=True, console=out)
    except EOFError as error:
        raise KeyboardInterrupt from error


def done(message: str) -> None:
    """Print a step that is finished."""
    out.print(Text.assemble(("✓ ", "bold green"), message), soft_wrap=True)


def summary(destination: Path, folder: Path, answers: Mapping[str, Any]) -> None:
    """Show the answers and the files of the service that lies in a folder for now."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for question, answer in answers.items():
        table.add_row(question, Text(shown(answer)))
    out.print()
    if answers:
        out.print(table)
        out.print()
    out.print(tree(destination, [path.relative_to(folder) for path in files(folder)]))
    out.print()


def shown(answer: object) -> str:
    """Write an answer for people."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return str(answer) if answer not in ("", None) else "-"


def files(folder: Path) -> list[Path]:
    """List the files below a folder."""
    return sorted(Path(parent, name) for parent, _, names in os.walk(folder) for name in names)


def tree(destination: Path, paths: list[Path]) -> Tree:
    """Draw two levels of folders with their number of files, or each file where there are few."""
    root = Tree(labelled(destination.name, len(paths)), guide_style="dim")
    levels = 2 if len(paths) > NAMES else max((len(path.parts) for path in paths), default=0)
    count = Counter(parent for path in paths for parent in path.parents)
    branches = {Path(): root}
    for folder in sorted(folder for folder in count if 0 < len(folder.parts) <= levels):
        label = labelled(folder.name, count[folder])
        branches[folder] = branches[folder.parent].add(label)
    if len(paths) > NAMES:
        root.add(Text("  ".join(path.name for path in paths if len(path.parts) == 1)))
    else:
        for path in paths:
            branches[path.parent].add(Text(path.name))
    return root


def labelled(folder: str, number: int) -> Text:
    """Name a folder and the number of its files."""
    files = "1 file" if number == 1 else f"{number} files"
    return Text.assemble((f"{folder}/", "bold"), "  ", (files, "dim"))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that a step is going on, and for how long; nothing where there is no terminal."""
    with progress() as display:
        display.add_task(what, total=None)
        yield


@contextmanager
def counting(what: str, number: int) -> Iterator[Callable[[], None]]:
    """Show how many of a number of steps are done; what it gives is called after each."""
    with progress() as display:
        task = display.add_task(f"{what} 1 of {number}", total=number)

        def step() -> None:
            display.advance(task)
            done = min(int(display.tasks[task].completed) + 1, number)
            display.update(task, description=f"{what} {done} of {number}")

        yield step


@contextmanager
def rendering(folder: Path) -> Iterator[None]:
    """Count the files that appear in a folder; silent until the first, so questions come first."""
    over = threading.Event()
    before = len(list(folder.iterdir()))

    def watch() -> None:
        while len(list(folder.iterdir())) == before:
            if over.wait(0.05):
                return
        with progress() as display:
            task = display.add_task("Rendering", total=None)
            while not over.wait(0.1):
                display.update(task, description=f"Rendering  {len(files(folder))} files")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def progress() -> Progress:
    """Make the display of a running step; it leaves no trace."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def following(path: Path, *, installed: bool) -> None:
    """Print the commands to type next."""
    table = Table(box=None, padding=(0, 3, 0, 2), show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="dim")
    table.add_row(Text(f"cd {shlex.quote(str(path))}"), "go to the service")
    table.add_row("make dev", "serve it, and reload on change")
    table.add_row("make test", "run its tests" if installed else "install it, and run its tests")
    out.print()
    out.print("Next:")
    out.print(table)

"""Shows the answers in their groups, numbered, and reads which of them is to be corrected."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from rich.table import Table
from rich.text import Text

from drydock.asking.prompts import read
from drydock.display import out, shown

FOLDER = "folder"
BUILD, LEAVE = "y", "n"
YES, NO = {"", "y", "yes"}, {"n", "no", "q"}


def show(path: Path, answers: Mapping[str, object], groups: Mapping[str, str]) -> None:
    """Show where it goes and what is answered; a number stands before what can be corrected."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("0", FOLDER, Text(str(path)))
    last = ""
    for number, (name, answer) in enumerate(answers.items(), 1):
        if groups.get(name, "") != last:
            last = groups.get(name, "")
            table.add_row("", Text(last, "bold not dim"), "")
        table.add_row(str(number), name, Text(shown(answer)))
    out.print()
    out.print(table)
    out.print()


def choice(names: Sequence[str]) -> str:
    """Ask what to do: `y` builds, `n` leaves, and a name is an answer to correct.

    Raises:
        KeyboardInterrupt: on Ctrl-C, and where the input ends.
    """
    while True:
        typed = read("Build it? [Y/n, or the number of an answer to correct] ").casefold()
        if typed in YES:
            return BUILD
        if typed in NO:
            return LEAVE
        known = [FOLDER, *names]
        if typed.isdigit() and int(typed) < len(known):
            return known[int(typed)]
        if near := get_close_matches(typed, known, n=1, cutoff=0.8):
            return near[0]
        out.print(Text(f"{typed!r} is no answer here: type y, n, or a number up to {len(names)}."))


def changes(before: Mapping[str, object], after: Mapping[str, object], corrected: str) -> None:
    """Say what else a correction has changed."""
    others = [name for name in after if name in before and after[name] != before[name]]
    followed = [f"{name}: {shown(after[name])}" for name in others if name != corrected]
    gone = [name for name in before if name not in after]
    if followed:
        out.print(Text(f"Follows from it: {', '.join(followed)}", "yellow"))
    if gone:
        out.print(Text(f"No longer asked: {', '.join(gone)}", "yellow"))

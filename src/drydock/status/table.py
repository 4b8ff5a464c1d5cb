"""Shows where services stand: a line for each, and below it what is left to do."""

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from drydock.display import out
from drydock.status.state import Status
from drydock.update.summary import counted

HEADINGS = ("version", "behind", "drift")
# Of a service's conflicts, so many are named.
NAMED = 5


def show(found: Sequence[Status]) -> None:
    """Show services by their templates, in the order in which they were named."""
    templates = dict.fromkeys(each.template for each in found)
    for template in templates:
        rows = [each for each in found if each.template == template]
        newest = next((each.newest for each in rows if each.newest), None)
        if template:
            title = (f", newest release {newest}", "dim") if newest else ""
            out.print(Text.assemble((template, "bold"), title), soft_wrap=True)
        out.print(table(rows))
        out.print()
    out.print(summary(found))


def table(rows: Sequence[Status]) -> Table:
    """Lay out the services of a template.

    What is to do may be long, and takes the width of all cells beside the name: these are one text.
    """
    cells = [facts(row) for row in rows if row.drift is not None]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]

    def line(words: Sequence[str]) -> str:
        return "  ".join(map(str.ljust, words, widths)).rstrip()

    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=bool(cells))
    shown.add_column("service", overflow="fold")
    widest = max((len(line(each)) for each in cells), default=0)
    shown.add_column(line(HEADINGS), overflow="fold", min_width=widest)
    for row in rows:
        lines = to_do(row)
        if row.drift is not None:
            lines.insert(0, Text(line(facts(row)), "yellow" if row.behind else ""))
        name = row.path if row.path != "." else Path.cwd().name
        shown.add_row(Text(name, "red" if row.problem else ""), Text("\n").join(lines))
    return shown


def facts(row: Status) -> tuple[str, str, str]:
    """Write what the table has of a service, for each of its headings."""
    changes = row.drift or ()
    lines = f"+{sum(each.added for each in changes)} -{sum(each.removed for each in changes)}"
    return (
        row.version or "",
        str(len(row.behind)) if row.behind else "-",
        counted(len(changes), "file", lines) if changes else "-",
    )


def to_do(row: Status) -> list[Text]:
    """Say what is wrong with a service."""
    lines = []
    if row.problem:
        lines.append(Text(row.problem, "red"))
    if row.update:
        how = "is not committed" if row.update.complete else "was interrupted"
        lines.append(Text(f"the update to {row.update.version} {how}", "red"))
    if row.conflicts:
        names = ", ".join(row.conflicts[:NAMED])
        more = f" and {len(row.conflicts) - NAMED} more" if len(row.conflicts) > NAMED else ""
        lines.append(Text(f"in conflict: {names}{more}", "red"))
    return lines


def summary(found: Sequence[Status]) -> Text:
    """Count the services."""
    kinds = {
        "current": [each for each in found if not each.code],
        "behind": [each for each in found if each.behind],
        "in conflict": [each for each in found if each.conflicts],
        "with an update to commit": [each for each in found if each.update],
        "not readable": [each for each in found if each.problem],
    }
    parts = [f"{len(those)} {kind}" for kind, those in kinds.items() if those]
    return Text(counted(len(found), "service", f"in all: {', '.join(parts)}"))

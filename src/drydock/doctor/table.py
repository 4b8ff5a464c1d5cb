"""Shows what was found: a line for each thing, and below it what to type."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from drydock.display import out
from drydock.doctor.finding import Finding, Verdict

# For those who see no colours, the words say the same.
STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "bold red"}


def show(findings: Sequence[Finding]) -> None:
    """Show them in their order, and count those that are not well."""
    shown = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    shown.add_column(no_wrap=True)
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for each in findings:
        commands = [Text(f"$ {command}", "bold") for command in each.commands]
        verdict = Text(each.verdict, STYLES[each.verdict])
        shown.add_row(verdict, each.name, Text("\n").join([Text(each.says), *commands]))
    out.print(shown)
    out.print()
    out.print(summary(findings))


def summary(findings: Sequence[Finding]) -> Text:
    """Count them by what was found."""
    count = Counter(each.verdict for each in findings)
    bad = [
        (f"{count[verdict]} {words}", STYLES[verdict])
        for verdict, words in ((Verdict.FAILED, "failed"), (Verdict.WARNING, "with a warning"))
        if count[verdict]
    ]
    if not bad:
        return Text("All is well.", "green")
    return Text(", ").join(Text(words, style) for words, style in bad).append(".")

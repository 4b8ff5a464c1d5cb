"""What was measured, as a table to read now and as a page of the documentation."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from textwrap import fill

from rich.console import Console
from rich.table import Table

from benchmarks.load import CONNECTIONS
from benchmarks.profile import SENTENCE as WHAT_A_PROFILE_IS
from benchmarks.profile import Profile
from benchmarks.ratio import Comparison, Figure
from tests.harness.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "performance.md"
COLUMNS = ("figure", "service", "floor", "ratio", "middle half", "goal")
INTRODUCTION = """\
# Performance

<!-- Written by `make bench`. -->

A generated service (PostgreSQL, every other answer the default) beside hand-written floors: what
somebody would write for that one purpose alone. `make bench` renders, installs, serves and measures
both in one run on one machine, in alternating rounds, in one environment with the same versions.

A ratio is service ÷ floor: below 1 is better for times, above 1 for requests a second. It is taken
in each round; the table has the median, and the quartiles between which the middle half of the
rounds lies. Times and rates are medians too, and true of this machine only. CPU time is user and
system of the server's processes: other work on the machine moves it least, so where it and the rate
disagree it decides. `make bench ONLY=list` makes one of the comparisons again.
"""


def cells(figure: Figure) -> tuple[str, ...]:
    """Give the row of a figure."""
    low, high = figure.middle_half
    goal = ""
    if figure.goal is not None:
        goal = f"{figure.goal}: {'met' if figure.goal.is_met(figure.median) else 'not met'}"
    return (
        figure.what,
        amount(median(figure.service), figure.unit),
        amount(median(figure.floor), figure.unit),
        f"{figure.median:.2f}",
        f"{low:.2f} to {high:.2f}",
        goal,
    )


def amount(value: float, unit: str) -> str:
    """Give three digits or more, as whole numbers from 100 on."""
    number = f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"
    return f"{number} {unit}".strip()


@dataclass
class Page:
    """What one run has measured: a page never has the figures of several."""

    comparisons: list[Comparison] = field(default_factory=list)
    profile: Profile | None = None
    versions: dict[str, str] = field(default_factory=dict)
    access_log: bool = True

    def add(self, *comparisons: Comparison) -> None:
        """Print what was measured at once: a long run may end early."""
        self.comparisons += comparisons
        show(comparisons)

    def show_profile(self) -> None:
        assert self.profile is not None, "there is one to be shown"
        shown = Table(*self.columns, title="share of the samples")
        for row in self.profile.rows():
            shown.add_row(*row)
        Console(width=None if os.isatty(1) else 120).print(shown)

    @property
    def columns(self) -> list[str]:
        return ["where", *(self.profile.endpoints if self.profile else ())]

    def write(self) -> None:
        """Write the page anew."""
        parts = [INTRODUCTION, "".join(f"{wrapped(f'- {fact}', '  ')}\n" for fact in self.facts())]
        for comparison in self.comparisons:
            rows = [cells(figure) for figure in comparison.figures]
            parts += [
                f"## {comparison.title}\n",
                f"{wrapped(comparison.sentence)}\n",
                table(COLUMNS, rows),
            ]
        if self.profile is not None:
            parts += [
                "## Where the time goes\n",
                f"{wrapped(WHAT_A_PROFILE_IS)}\n",
                table(self.columns, self.profile.rows()),
            ]
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text("\n".join(parts), encoding="utf-8")

    def facts(self) -> list[str]:
        installed = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return [
            f"Measured: {datetime.now(UTC):%Y-%m-%d}, with `make bench`.",
            f"Machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
            f"{os.getloadavg()[0]:.1f} processes at work at the end of the run.",
            f"Versions: {installed}.",
            "Servers: one uvicorn worker each, "
            f"access log {'on' if self.access_log else 'off'} in both.",
            f"Load: {CONNECTIONS} kept-alive connections from wrk, a process of its own.",
        ]


def show(comparisons: Sequence[Comparison]) -> None:
    found = Table(*COLUMNS, title="service ÷ floor")
    for comparison in comparisons:
        for figure in comparison.figures:
            what, *rest = cells(figure)
            found.add_row(f"{comparison.title}: {what}", *rest)
        found.add_section()
    Console(width=None if os.isatty(1) else 120).print(found)


def wrapped(text: str, indent: str = "") -> str:
    return fill(text, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)

"""What a run of variants shows while it goes on: who runs, for how long, and what came of it."""

import os
import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from drydock.variants.results import MARKS, Result

STYLES = {"passed": "bold green", "failed": "bold red", "not run": "yellow"}


class Progress:
    """A display of the running variants on a terminal, and a line for each that has ended."""

    def __init__(self, total: int) -> None:
        # A stream of its own: pytest takes the usual one for what tests print.
        self.stream = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
        self.console = Console(file=self.stream, highlight=False)
        self.total = total
        self.done = self.failed = 0
        self.running: dict[str, float] = {}
        self.begun = time.monotonic()
        self.spinner = Spinner("dots")
        self.live = Live(
            get_renderable=self.picture,
            console=self.console,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        """Begin to show."""
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Show no more."""
        self.live.stop()
        self.stream.close()

    def begins(self, name: str) -> None:
        """Show that a variant runs."""
        self.running[name] = time.monotonic()

    def ends(self, name: str, result: Result) -> None:
        """Print how a variant went."""
        self.running.pop(name, None)
        self.done += 1
        self.failed += result.verdict == "failed"
        self.console.print(line(name, result), soft_wrap=True)

    def picture(self) -> Group:
        """Draw what runs now."""
        now = time.monotonic()
        table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
        for name, begun in self.running.items():
            table.add_row(self.spinner, Text(name), Text(duration(now - begun), style="dim"))
        failed = (f", {self.failed} failed", "bold red") if self.failed else ("", "")
        return Group(
            table,
            Text.assemble(
                (f"{self.done} of {self.total}", "bold"),
                failed,
                (f", {duration(now - self.begun)}", "dim"),
            ),
        )


def line(name: str, result: Result) -> Text:
    """Say in a line how a variant went."""
    verdict = result.verdict
    how = f"passed on {result.cached}" if result.cached else duration(result.seconds)
    if result.failed_in:
        how += f", in: {result.failed_in}"
    return Text.assemble((f"{MARKS[verdict]} ", STYLES[verdict]), name, (f"  {how}", "dim"))


def duration(seconds: float) -> str:
    """Write a time in minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

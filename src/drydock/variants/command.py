"""`drydock variants`: what may come out of the interview, and whether all of it works."""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from drydock import display, source
from drydock.errors import Refused
from drydock.rendering import loaded
from drydock.variants import report
from drydock.variants.covering import Variant, choose
from drydock.variants.interview import Interview
from drydock.variants.progress import duration, line
from drydock.variants.results import Result
from drydock.variants.running import run

FAILURES = Path(".cache/failures")
INTERRUPTED = 2  # as pytest says it


def variants(
    template: str | None,
    ref: str | None,
    *,
    strength: int,
    part: str,
    only: Sequence[str],
    as_json: bool,
    runs: bool,
    jobs: int,
    cached: bool,
    folder: Path | None,
) -> int:
    """List the variants of a template, or run them.

    Returns:
        The exit code: 1 where a variant failed, else 0.

    Raises:
        Refused: for an interview that cannot be varied, and for options that make no sense.
    """
    if folder and not runs:
        raise Refused("--report is written of a run: add --run.")
    if as_json and runs:
        raise Refused("--json lists and --run runs: give one of them.")
    if runs and (template or ref):
        raise Refused(
            "--run runs the checkout that it is called from: leave out --template, --ref."
        )
    if jobs < 1:
        raise Refused(f"--jobs is a number from 1 on, not {jobs}.")
    origin = source.find(template, ref)
    with tempfile.TemporaryDirectory() as scratch, loaded(origin, Path(scratch, "x")) as found:
        chosen = choose(Interview(found), strength, part, only)
    if as_json:
        listed = [{"name": str(each), "answers": each.data()} for each in chosen]
        print(json.dumps(listed, indent=2, ensure_ascii=False))
    elif runs:
        return prove(Path(origin.location), chosen, strength, jobs, cached=cached, folder=folder)
    else:
        display.out.print(table(chosen))
    return 0


def table(variants: Sequence[Variant]) -> Table:
    """Show each variant in two lines, so that questions can be added within 80 columns.

    The first has the answers to questions with choices, the second the names of questions of yes
    and no that are answered with yes.
    """
    shown = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    shown.add_column("", style="dim", justify="right")
    names = [question for question, _ in variants[0].answers] if variants else []
    yes_or_no = [each for each in names if any(isinstance(row[each], bool) for row in variants)]
    rows = [
        {name: shown_as(row[name]) for name in names if name not in yes_or_no} for row in variants
    ]
    heads = {name: name.replace("_", "_\n").split("\n") for name in rows[0]} if rows else {}
    widths = {
        name: max(map(len, [*head, *(row[name] for row in rows)])) for name, head in heads.items()
    }

    def line(cells: Mapping[str, str]) -> str:
        return " ".join(cells[name].ljust(width) for name, width in widths.items()).rstrip()

    height = max(map(len, heads.values()), default=0)
    shown.add_column(
        "\n".join(
            line({name: "".join(head[number : number + 1]) for name, head in heads.items()})
            for number in range(height)
        )
    )
    for number, (variant, row) in enumerate(zip(variants, rows, strict=True), 1):
        given = [name for name in yes_or_no if variant[name]]
        shown.add_row(
            str(number),
            Text.assemble(line(row), ("\nwith " + (", ".join(given) or "nothing"), "dim")),
        )
    return shown


def shown_as(value: object) -> str:
    """Write an answer; a question that is not asked has none."""
    return "-" if value is None else display.shown(value)


def prove(
    root: Path,
    chosen: Sequence[Variant],
    strength: int,
    jobs: int,
    *,
    cached: bool,
    folder: Path | None,
) -> int:
    """Run variants, and tell what came of it."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    junit = folder.resolve() / "junit.xml" if folder else None
    ran = run(root, chosen, strength=strength, jobs=jobs, cached=cached, junit=junit)
    if folder:
        report.write(folder / "index.html", ran.results, time.monotonic() - begun)
    tell(root, ran.results, time.monotonic() - begun)
    if folder:
        display.out.print(f"The report: {folder / 'index.html'}", soft_wrap=True)
    if ran.lost:
        display.refused(Refused(f"{ran.lost} What has passed is kept: run it again to go on."))
        return 1
    if ran.code == INTERRUPTED:
        raise KeyboardInterrupt
    return ran.code or int(any(result.verdict != "passed" for result in ran.results))


def tell(root: Path, results: Sequence[Result], seconds: float) -> None:
    """Print the whole, and for each variant that failed how to see more of it."""
    passed = sum(result.verdict == "passed" for result in results)
    for result in results:
        if result.verdict != "failed":
            continue
        name = str(result.variant)
        log = root / FAILURES / f"{name}.txt"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.output + "\n", encoding="utf-8")
        display.out.print()
        display.out.print(line(name, result), soft_wrap=True)
        for hint, what in (
            ("says", last_line(result.output)),
            ("whole output", str(log)),
            ("repeat it", f"drydock variants --run --only {name}"),
        ):
            display.out.print(Text.assemble((f"  {hint}: ", "dim"), what), soft_wrap=True)
    waiting = sum(result.verdict == "not run" for result in results)
    display.out.print()
    display.out.print(
        f"{passed} of {len(results)} passed"
        + (f", {waiting} not run" if waiting else "")
        + f" in {duration(seconds)}"
    )


def last_line(output: str) -> str:
    """Give what a failure said last, without pytest's frame around it."""
    said = [
        text.removeprefix("E").strip() for text in output.splitlines() if text.startswith("E ")
    ] or output.splitlines()
    # What make says of a failure is that there was one.
    told = (text for text in reversed(said) if text and not text.startswith(("(", "make: ***")))
    return next(told, "nothing")

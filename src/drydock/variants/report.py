"""The report of a run as one page of HTML that needs no script and no other file."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from drydock.display import shown
from drydock.variants.progress import duration
from drydock.variants.results import MARKS, Result, pairs

PAGE = Environment(
    loader=PackageLoader("drydock.variants", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def write(path: Path, results: Sequence[Result], seconds: float) -> None:
    """Write the page: a grid of answers by answers, and what happened to each variant."""
    answers: dict[str, list[object]] = {}
    for result in results:
        for question, value in result.variant.answers:
            given = answers.setdefault(question, [])
            if value is not None and value not in given:
                given.append(value)
    page = PAGE.get_template("report.html.jinja").render(
        results=results,
        answers={question: given for question, given in answers.items() if given},
        pairs=pairs(results),
        verdicts={
            verdict: sum(result.verdict == verdict for result in results) for verdict in MARKS
        },
        marks=MARKS,
        shown=shown,
        duration=duration,
        seconds=seconds,
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
    path.write_text(page, encoding="utf-8")

"""How the variants of a run went."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from drydock.variants.covering import Variant

Answer = tuple[str, Any]
# Each verdict, and its mark in what people read.
MARKS = {"passed": "✓", "failed": "✗", "not run": "-"}
# The property in which pytest's report of a test names a server that is gone.
LOST = "lost server"


@dataclass(frozen=True)
class Result:
    """How one variant went: the verdict is one of `MARKS`.

    `seconds` is what the run took, or once took where it passed on an earlier day (`cached`) and
    nothing has changed since. `failed_in` names the step, `output` is what was printed.
    """

    variant: Variant
    verdict: str
    seconds: float = 0
    cached: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)
    failed_in: str = ""
    output: str = ""


@dataclass(frozen=True)
class Pair:
    """Two answers: the verdict and the mean seconds of the variants that have both."""

    verdict: str
    seconds: float
    variants: int


def pairs(results: Iterable[Result]) -> dict[tuple[Answer, Answer], Pair]:
    """Give each pair of answers that a variant has, in both orders; of an answer alone too."""
    found: dict[tuple[Answer, Answer], list[Result]] = {}
    for result in results:
        for one, other in both_ways(result.variant):
            found.setdefault((one, other), []).append(result)
    return {answers: judged(each) for answers, each in found.items()}


def both_ways(variant: Variant) -> Iterator[tuple[Answer, Answer]]:
    answers = [answer for answer in variant.answers if answer[1] is not None]
    for one, other in combinations(answers, 2):
        yield one, other
        yield other, one
    for one in answers:
        yield one, one


def judged(results: list[Result]) -> Pair:
    """Sum up: one failure is a failure, and what did not run proves nothing."""
    verdicts = {result.verdict for result in results}
    verdict = next(each for each in ("failed", "passed", "not run") if each in verdicts)
    ran = [result.seconds for result in results if result.verdict != "not run"]
    return Pair(verdict, sum(ran) / len(ran) if ran else 0, len(results))

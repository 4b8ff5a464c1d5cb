"""Figures as ratios, for a time or a rate means little away from the machine that measured it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Goal:
    """A limit of a ratio, and on which side of it the ratio should be."""

    limit: float
    at_most: bool = True

    def is_met(self, ratio: float) -> bool:
        """Compare as printed, with two decimals."""
        shown = round(ratio, 2)
        return shown <= self.limit if self.at_most else shown >= self.limit

    def __str__(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.limit:.2f}"


@dataclass(frozen=True)
class Figure:
    """One quantity, measured on both sides in each round.

    The ratio is taken round by round and only then the median: what slows the machine down for a
    while slows both sides of a round.
    """

    what: str
    unit: str
    service: Sequence[float]
    floor: Sequence[float]
    goal: Goal | None = None

    @property
    def ratios(self) -> list[float]:
        """Service divided by floor, a value for each round."""
        return [ours / theirs for ours, theirs in zip(self.service, self.floor, strict=True)]

    @property
    def median(self) -> float:
        return median(self.ratios)

    @property
    def middle_half(self) -> tuple[float, float]:
        """The quartiles: half of the rounds lie between them."""
        low, _, high = quantiles(self.ratios, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True)
class Comparison:
    """A service beside its floor: what is compared, in a sentence, and the figures."""

    title: str
    sentence: str
    figures: Sequence[Figure]

"""Which variants: the whole product of the answers, or a covering array of it.

A covering array of strength t holds each combination of t answers that can be given together at
least once, so its size grows with the logarithm of the number of questions and not with its power:
Kuhn, Kacker, Lei: Practical Combinatorial Testing, NIST Special Publication 800-142 (2010).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Any, TypeVar

from covertable import make

from drydock.errors import Refused
from drydock.variants.interview import Answers, Interview, Question

Row = Answers
Shared = TypeVar("Shared")
# Of so many arrays the best is taken: the search is greedy, and chance moves it by some rows.
TRIES = 60
FEWER_TRIES = 12  # of larger arrays, each of which takes longer
# Answers of questions that belong together are one factor, where there are no more of them: what
# cannot be given together then needs no rule, and the array gets smaller.
LISTED = 12


@dataclass(frozen=True)
class Variant:
    """One combination of answers, and who the service is.

    Its name is the same for the same answers. A question that the others leave unasked has None.
    """

    answers: tuple[tuple[str, Any], ...]
    identity: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "-".join(
            re.sub(r"[^\w.]+", "_", value)
            if isinstance(value, str)
            else question
            if value
            else f"no_{question}"
            for question, value in self.answers
            if value is not None
        )

    def __getitem__(self, question: str) -> Any:
        """Give an answer."""
        return dict(self.answers)[question]

    def data(self) -> Answers:
        """Give the answers as Copier takes them: to what is asked, and to nothing else."""
        return {
            question: value
            for question, value in (*self.identity, *self.answers)
            if value is not None
        }


def product(interview: Interview) -> list[Row]:
    """Give every combination of answers, in the order of the interview."""
    rows: list[Row] = [{}]
    for question in interview.varied:
        rows = [longer for row in rows for longer in answered(interview, question, row)]
    return rows


def joined(interview: Interview) -> tuple[list[list[Row]], list[Question]]:
    """Part an interview into groups of questions that decide for each other what is asked.

    Returns:
        The product of each small group, and the questions of those that are too large to list.
    """
    together, apart = [], []
    for group in groups(interview):
        alone = narrowed(interview, group)
        if prod(len(question.values) for question in alone.varied) <= LISTED:
            together.append(product(alone))
        else:
            apart += alone.varied
    return together, apart


def unfolded(row: Mapping[tuple[str, ...], tuple[Any, ...]]) -> Row:
    """Give the answers of a row whose questions are grouped."""
    return {
        name: value
        for names, values in row.items()
        for name, value in zip(names, values, strict=True)
    }


def groups(interview: Interview) -> list[set[str]]:
    """Name the questions of each group that is free of the others."""
    found: list[set[str]] = []
    for question in interview.varied:
        near = {question.name, *question.follows}
        met = [group for group in found if group & near]
        found = [*(group for group in found if not group & near), near.union(*met)]
    return found


def size(interview: Interview) -> int:
    """Count the whole product without listing it: free groups multiply."""
    return prod(len(product(narrowed(interview, group))) for group in groups(interview))


def narrowed(interview: Interview, names: Collection[str]) -> Interview:
    """Give an interview of these questions alone."""
    chosen = copy(interview)
    chosen.questions = [each for each in interview.varied if each.name in names]
    return chosen


def answered(interview: Interview, question: Question, row: Row) -> list[Row]:
    """Give a row with each answer that a question takes after it."""
    if not interview.is_asked(question, row):
        return [row | {question.name: None}]
    return [
        row | {question.name: value}
        for value in question.values
        if not interview.refusal(question, value, row)
    ]


def covering_array(interview: Interview, strength: int, tries: int | None = None) -> list[Row]:
    """Give a covering array, the same one for the same interview: the best of so many `tries`.

    Raises:
        Refused: for a strength that there is none of; for a value that can never be answered.
    """
    varied = interview.varied
    if not varied:
        raise Refused("the interview has no question with choices: there is nothing to vary.")
    if not 1 <= strength <= len(varied):
        raise Refused(
            f"--strength is a number from 1 to {len(varied)}, the number of questions with "
            f"choices, not {strength}."
        )
    together, apart = joined(interview)
    factors: dict[Any, list[Any]] = {
        tuple(group[0]): [tuple(row.values()) for row in group] for group in together
    } | {
        (question.name,): [
            (value,) for value in (*question.values, *[None] * bool(question.follows))
        ]
        for question in apart
    }
    constraints = [
        {
            "operator": "fn",
            "requires": [(name,) for name in (question.name, *question.follows)],
            "evaluate": lambda row, question=question: interview.allows(question, unfolded(row)),
        }
        for question in apart
        if question.follows or question.validator
    ]
    least = prod(sorted(map(len, factors.values()))[-strength:])
    arrays: list[list[Row]] = []
    for number in range(tries or (TRIES if strength <= 2 else FEWER_TRIES)):
        made = make(factors, strength=strength, salt=str(number), constraints=constraints)
        arrays.append([unfolded(row) for row in made])
        if len(arrays[-1]) == least:
            break  # none can be smaller
    # Of the smallest, the one that holds the most of what the next strength asks for.
    best = min(arrays, key=lambda rows: (len(rows), -held(rows, strength + 1)))
    for question in varied:
        for value in question.values:
            if not any(row[question.name] == value for row in best):
                raise Refused(
                    f"{question.name}: {value!r} can never be answered: look at `when` and "
                    "`validator` of the question, or drop the value."
                )
    places = {question.name: [*question.values, None] for question in varied}
    rows = [{name: row[name] for name in places} for row in best]
    return sorted(rows, key=lambda row: [places[name].index(row[name]) for name in places])


def held(rows: list[Row], strength: int) -> int:
    """Count the different combinations of so many answers that rows hold."""
    return sum(
        len({tuple(row[name] for name in names) for row in rows})
        for names in combinations(rows[0], strength)
    )


def identified(interview: Interview, rows: list[Row]) -> list[Variant]:
    """Make variants of rows: the hostile texts of each question of free text rotate through them.

    Raises:
        Refused: where a question takes none of them, or two variants would have the same name.
    """
    texts = {question.name: interview.hostile(question) for question in interview.texts}
    variants = [
        Variant(
            tuple(row.items()),
            tuple(
                (name, taken[(number + shift) % len(taken)])
                for shift, (name, taken) in enumerate(texts.items())
            ),
        )
        for number, row in enumerate(rows)
    ]
    names = {str(variant) for variant in variants}
    if len(names) < len(variants):
        raise Refused(
            "two variants have the same name: let the values of choices differ in letters."
        )
    return variants


def choose(interview: Interview, strength: int, part: str, only: Sequence[str]) -> list[Variant]:
    """Give the variants of a covering array, or the part or the ones of it that are asked for.

    Any that can be answered may be asked for by its name.

    Raises:
        Refused: for a part or a name that is none, and for what cannot be computed.
    """
    variants = identified(interview, covering_array(interview, strength))
    if not only:
        return shard(variants, part)
    known = {str(variant): variant for variant in variants}
    for name in only:
        if name not in known:
            known[name] = named(interview, name)
    return [known[name] for name in only]


def named(interview: Interview, name: str) -> Variant:
    """Find any variant of the whole product, without listing it.

    Raises:
        Refused: where there is none.
    """
    rows: list[Row] = [{}]
    for question in interview.varied:
        longer = [each for row in rows for each in answered(interview, question, row)]
        begun = [(row, str(Variant(tuple(row.items())))) for row in longer]
        rows = [row for row, so_far in begun if f"{name}-".startswith(f"{so_far}-" * bool(so_far))]
    for variant in identified(interview, rows):
        if str(variant) == name:
            return variant
    raise Refused(f"no variant is called {name!r}: `drydock variants` lists them.")


def shard(variants: list[Shared], part: str) -> list[Shared]:
    """Give a part of the variants, such as 3/8: together the parts are the whole.

    Raises:
        Refused: for what is no part.
    """
    number, count = (
        int(each) if each.isdecimal() else 0 for each in (part + "/").split("/", 2)[:2]
    )
    if not 1 <= number <= count or part != f"{number}/{count}":
        raise Refused(f"--shard is a part such as 1/3, not {part!r}.")
    return variants[number - 1 :: count]

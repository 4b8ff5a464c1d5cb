"""The variants that the tests render and run, computed by `drydock.variants` from copier.yml."""

import shutil
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy
from copier.errors import DirtyLocalWarning

from drydock.rendering import loaded
from drydock.series import File, Series
from drydock.source import Source
from drydock.variants.covering import Variant as Variant
from drydock.variants.covering import (
    answered,
    choose,
    covering_array,
    identified,
    narrowed,
    product,
)
from drydock.variants.interview import Answers, Interview, Question
from tests.harness.paths import ROOT

# What Copier reads, and what tells an owner of its releases.
OF_A_TEMPLATE = ("copier.yml", "extensions", "template", "CHANGELOG.md")
# What Copier needs of it to ask.
ASKED = ("copier.yml", "extensions")
# The questions that decide what carries background work.
BACKEND = ("tasks", "celery_broker")


def questions() -> dict[str, dict[str, Any]]:
    """Read the questions of copier.yml as they stand there, in their order."""
    text = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return {name: what for name, what in text.items() if not name.startswith("_")}


@contextmanager
def interview(names: Sequence[str] = ASKED) -> Iterator[Interview]:
    """Open the interview of the template as it is in this checkout; `names` are copied for it."""
    with tempfile.TemporaryDirectory(prefix="drydock-") as folder:
        source = Source(str(snapshot(Path(folder, "template"), names)), None)
        with loaded(source, Path(folder, "x")) as found:
            yield Interview(found)


@cache
def array(strength: int, part: str = "1/1", only: tuple[str, ...] = ()) -> list[Variant]:
    """Give the variants of a covering array, or the part or the ones of it that are asked for.

    Raises:
        Refused: for a strength, a part or a name that is none.
    """
    with interview() as asked:
        return choose(asked, strength, part, only)


@cache
def with_own_tests() -> list[Variant]:
    """Give some of `array_of_code` in which each answer that decides code is given once."""
    words = names_of_words()
    left = {
        answer
        for variant in array_of_code()
        for answer in variant.answers
        if answer[0] not in words
    }
    chosen = list[Variant]()
    while left:
        best = max(array_of_code(), key=lambda variant: len(left.intersection(variant.answers)))
        chosen.append(best)
        left.difference_update(best.answers)
    return chosen


def both_layouts(**answers: object) -> list[Variant]:
    """Give a variant with some answers in each layout, and so with each database."""
    pairs = {("domain", "sqlite"), ("layered", "postgres")}
    found = {
        (variant["layout"], variant["database"]): variant
        for variant in all_variants()
        if all(variant[question] == answer for question, answer in answers.items())
    }
    return [variant for pair, variant in found.items() if pair in pairs]


@cache
def array_of_code() -> list[Variant]:
    """Give a covering array of the questions that decide code, for each pair of their answers.

    The answers to the others rotate through it.
    """
    with interview() as asked:
        codes = covering_array(of_code(asked), 2)
        wordings = covering_array(of_words(asked), 1)
        rows = [code | wordings[number % len(wordings)] for number, code in enumerate(codes)]
        return identified(asked, in_order(asked, rows))


@cache
def families(strength: int | None = None) -> list[list[Variant]]:
    """Give variants of the same code, a list for each code: they differ in words alone.

    With a strength, each combination of so many answers that decide code, and with each of them
    every answer to the other questions; each pair of those stands with one of them. Without one,
    the whole product of code, and with each of it every pair of answers to the others.
    """
    with interview() as asked:
        codes = covering_array(of_code(asked), strength) if strength else product(of_code(asked))
        words = of_words(asked)
        wordings = (
            spread(words, len(codes)) if strength else [covering_array(words, 2)] * len(codes)
        )
        found = [
            in_order(asked, [code | each for each in wording])
            for code, wording in zip(codes, wordings, strict=True)
        ]
        # Who a service is stands in its code: so a family is one and the same.
        heads = identified(asked, [rows[0] for rows in found])
        return [
            [Variant(tuple(row.items()), head.identity) for row in rows]
            for head, rows in zip(heads, found, strict=True)
        ]


def spread(words: Interview, parts: int) -> list[list[Answers]]:
    """Give for each part answers to questions, so that it has each answer, and all have each pair.

    That is a covering array of pairs in which the number of the part is a question too.
    """
    of_parts = copy(words)
    which = Question("part", tuple(range(parts)), 0, "True", "")
    of_parts.questions = [which, *words.questions]
    found: list[list[Answers]] = [[] for _ in range(parts)]
    for row in covering_array(of_parts, 2):
        found[row.pop("part")].append(row)
    return found


def in_order(asked: Interview, rows: Iterable[Answers]) -> list[Answers]:
    """Give rows whose answers are in the order of the interview, after which variants are named."""
    return [{question.name: row[question.name] for question in asked.varied} for row in rows]


def of_code(asked: Interview) -> Interview:
    """Give an interview without the questions that decide words alone."""
    return narrowed(asked, {each.name for each in asked.varied} - names_of_words())


def of_words(asked: Interview) -> Interview:
    """Give an interview of the questions whose answers decide words, and files that are no code."""
    return narrowed(asked, names_of_words())


@cache
def names_of_words() -> frozenset[str]:
    """Name the questions whose answers decide words alone: to find out, services are rendered.

    One that follows from a question of code is one of code, and so is one that such a one follows.
    """
    words: set[str] = set()
    with interview(OF_A_TEMPLATE) as asked:
        for each in asked.varied:
            if words.issuperset(each.follows) and not decides_code(asked, each):
                words.add(each.name)
            else:
                words.difference_update(each.follows)
    return frozenset(words)


def decides_code(asked: Interview, question: Question) -> bool:
    """Tell whether an answer changes more than words: what a service runs, or how it is tested.

    A question that follows from others is looked at after each of the answers that it follows from.
    """
    for given in before(asked, question):
        rows = [asked_of(row) for row in answered(asked, question, given)]
        if any(code_of(asked, row) != code_of(asked, rows[0]) for row in rows[1:]):
            return True
    return False


def code_of(asked: Interview, answers: Answers) -> dict[str, File]:
    """Render a service for its modules and its commands."""
    source = Path(asked.template.source.location)
    defaults = {each.name: each.default for each in asked.varied}
    other = tuple(sorted(answers.items() - defaults.items()))
    return code_in(series_of(source), source, other)


@cache
def code_in(series: Series, source: Path, answers: tuple[tuple[str, Any], ...]) -> dict[str, File]:
    files = series.files(source / "service", dict(answers), "copy")
    return {name: file for name, file in files.items() if name.endswith((".py", "Makefile"))}


def before(asked: Interview, question: Question) -> list[Answers]:
    """Give each combination of answers from which a question follows; one without any, mostly."""
    return product(narrowed(asked, question.follows))


def asked_of(row: Answers) -> Answers:
    """Give the answers of a row to what is asked."""
    return {name: value for name, value in row.items() if value is not None}


@cache
def all_variants() -> list[Variant]:
    """Give the whole product of the answers that decide code, with each pair of the others."""
    return [variant for family in families() for variant in family]


def with_answer(variant: Variant, question: str, value: Any) -> Variant:
    """Give a variant with another answer; what is asked only then has its default."""
    row: Answers = {}
    with interview() as asked:
        for each in asked.varied:
            kept = value if each.name == question else variant[each.name]
            is_asked = asked.is_asked(each, row)
            row[each.name] = (kept if kept is not None else each.default) if is_asked else None
    return Variant(tuple(row.items()), variant.identity)


@cache
def backend_variants() -> list[Variant]:
    """Give each way of background work once, with every other answer the default."""
    with interview() as asked:
        varying = copy(asked)
        varying.questions = [
            each if each.name in BACKEND else replace(each, values=(each.default,))
            for each in asked.varied
        ]
        return [Variant(tuple(row.items())) for row in product(varying)]


def broker_of(variant: Variant) -> str | None:
    """Name the kind of server where tasks wait for a worker; ARQ knows only Redis."""
    if variant["tasks"] == "none":
        return None
    return variant["celery_broker"] or "redis"


def render(answers: Mapping[str, Any], destination: Path, source: Path = ROOT) -> Path:
    """Generate a service with Copier itself, from the checkout as it is now.

    `data` validates each answer; a default would not be (docs/decisions/0004).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DirtyLocalWarning)
        run_copy(
            str(source),
            destination,
            data=dict(answers),
            defaults=True,
            overwrite=True,
            quiet=True,
            unsafe=True,
            vcs_ref="HEAD",
        )
    return destination


@cache
def series_of(source: Path) -> Series:
    """Load a template once for all services; it may not change any more."""
    return Series(Source(str(source), None), source)


def render_in_series(answers: Mapping[str, Any], destination: Path, source: Path) -> Path:
    """Generate what `render` does, at a tenth of its cost: the template is compiled only once.

    tests/test_series.py shows that both are the same.
    """
    for name, file in series_of(source).files(destination, answers, "copy").items():
        path = destination / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(int(file.mode, 8) & 0o777)
    return destination


def snapshot(destination: Path, names: Sequence[str] = OF_A_TEMPLATE) -> Path:
    """Copy the template out of Git: Copier clones a repository anew for each render.

    `names` has what is copied: to ask needs less than to render.
    """
    destination.mkdir(parents=True, exist_ok=True)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, destination / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, destination)
    return destination


def files_of(tree: Path) -> Iterator[Path]:
    """Give every file of a rendered tree, sorted."""
    yield from sorted(path for path in tree.rglob("*") if path.is_file())

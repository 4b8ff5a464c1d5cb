"""The variants that the tests render and run, computed by `drydock.variants` from copier.yml."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
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
from drydock.variants.covering import choose, covering_array, identified, product
from drydock.variants.interview import Interview, Question
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
def array_of_code() -> list[Variant]:
    """Give a covering array of the questions that decide code, for each pair of their answers.

    The answers to the others rotate through it.
    """
    with interview(OF_A_TEMPLATE) as asked:
        apart = [question for question in asked.varied if not decides_code(asked, question)]
        deciding = copy(asked)
        deciding.questions = [each for each in asked.questions if each not in apart]
        rows = covering_array(deciding, 2)
        for shift, question in enumerate(apart):
            for number, row in enumerate(rows):
                row[question.name] = question.values[(number + shift) % len(question.values)]
        order = [question.name for question in asked.varied]
        return identified(asked, [{name: row[name] for name in order} for row in rows])


def decides_code(asked: Interview, question: Question) -> bool:
    """Tell whether an answer changes more than words: what a service runs, or how it is tested.

    A question that follows from others is taken for one that does.
    """
    if question.follows or not asked.is_asked(question, {}):
        return True
    source = Path(asked.template.source.location)

    def code(value: Any) -> dict[str, File]:
        files = series_of(source).files(source / "service", {question.name: value}, "copy")
        return {name: file for name, file in files.items() if name.endswith((".py", "Makefile"))}

    first, *others = question.values
    expected = code(first)
    return any(code(value) != expected for value in others)


@cache
def all_variants() -> list[Variant]:
    """Give the whole product."""
    with interview() as asked:
        return identified(asked, product(asked))


@cache
def backend_variants() -> list[Variant]:
    """Give each way of background work once, with every other answer the default."""
    defaults = {name: question["default"] for name, question in questions().items()}
    return [
        Variant(variant.answers)
        for variant in all_variants()
        if all(
            value in (None, defaults[name])
            for name, value in variant.answers
            if name not in BACKEND
        )
    ]


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

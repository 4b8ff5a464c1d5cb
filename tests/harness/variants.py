"""The variants that the tests render and run, computed by `drydock.variants` from copier.yml."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy
from copier.errors import DirtyLocalWarning

from drydock.rendering import loaded
from drydock.source import Source
from drydock.variants.covering import Variant as Variant
from drydock.variants.covering import choose, identified, product
from drydock.variants.interview import Interview
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
def interview() -> Iterator[Interview]:
    """Open the interview of the template as it is in this checkout."""
    with tempfile.TemporaryDirectory(prefix="drydock-") as folder:
        source = Source(str(snapshot(Path(folder, "template"), ASKED)), None)
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

"""The variants: every combination of the answers that shape a service, read from copier.yml."""

import hashlib
import shutil
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy
from copier.errors import DirtyLocalWarning
from jinja2 import StrictUndefined
from jinja2.nativetypes import NativeEnvironment

from tests.harness.paths import ROOT

Answers = dict[str, Any]

# The questions whose answers change which files there are, the grid of `make test` first.
GRID = ("layout", "database", "tasks")
BACKEND = ("tasks", "celery_broker")
SHAPE = (*GRID, "celery_broker", "auth", "example")
CONDITIONS = NativeEnvironment(undefined=StrictUndefined)
# Who a variant is, with what people type: it must reach the running service as it was typed.
IDENTITY = {
    "project_name": r"""Ada's "Harbour" {desk} \ 港口 & co""",
    "description": r"""Berths, "tides" & 100 % of Ada's \n ships: 🚢 <b>{x}</b>""",
    "author_name": "Ада Лавлейс & co",
}


@dataclass(frozen=True)
class Variant:
    """One combination of answers; its name is stable, for reports and for files.

    A question that its other answers leave unasked has none.
    """

    answers: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return "-".join(
            value if isinstance(value, str) else question if value else f"no_{question}"
            for question, value in self.answers
        )

    def __getitem__(self, question: str) -> Any:
        """Give an answer, and None for a question that is not asked."""
        if question not in SHAPE:
            raise KeyError(question)
        return dict(self.answers).get(question)

    @property
    def broker(self) -> str | None:
        """The kind of server where its tasks wait for a worker; ARQ knows only Redis."""
        if self["tasks"] == "none":
            return None
        return self["celery_broker"] or "redis"

    def data(self) -> Answers:
        """Give the answers as Copier takes them."""
        return dict(self.answers)


def interview() -> dict[str, dict[str, Any]]:
    """Read the questions of copier.yml, in their order."""
    text = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return {name: what for name, what in text.items() if not name.startswith("_")}


def values(question: Mapping[str, Any]) -> list[Any]:
    """Give every answer that a question allows."""
    if question["type"] == "bool":
        return [True, False]
    choices = question["choices"]
    return list(choices.values()) if isinstance(choices, dict) else list(choices)


def is_asked(question: Mapping[str, Any], given: Answers) -> bool:
    """Say whether Copier asks a question after these answers: its own `when` decides."""
    return bool(CONDITIONS.from_string(str(question.get("when", True))).render(given))


def combinations(free: Collection[str]) -> list[Answers]:
    """Give every combination of answers to these questions, with the default for each other.

    A question stands in a combination only where it is asked.
    """
    questions = interview()
    rows: list[Answers] = [{}]
    for name in SHAPE:
        question = questions[name]
        choices = values(question) if name in free else [question["default"]]
        answers = [{name: value} for value in choices]
        rows = [
            row | answer
            for row in rows
            for answer in (answers if is_asked(question, row) else [{}])
        ]
    return rows


def all_variants() -> list[Variant]:
    """Give the whole product."""
    return [Variant(tuple(row.items())) for row in combinations(SHAPE)]


def backend_variants() -> list[Variant]:
    """Give each way of background work once, with every other answer the default."""
    return [Variant(tuple(row.items())) for row in combinations(BACKEND)]


def core_variants() -> list[Variant]:
    """Give the grid with every default, and each other answer once, each in another cell."""
    cells = combinations(GRID)
    questions = interview()
    others = [
        {name: value}
        for name in SHAPE
        if name not in GRID
        for value in values(questions[name])
        if value != questions[name]["default"]
    ]
    spread = []
    for number, other in enumerate(others, 1):
        possible = [cell for cell in cells if other.keys() <= cell.keys()]
        # Every second cell: each is then in another row of the grid, one of them with a worker.
        spread.append(possible[2 * number % len(possible)] | other)
    return [Variant(tuple(row.items())) for row in [*cells, *spread]]


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


def snapshot(destination: Path) -> Path:
    """Copy the template out of Git: Copier clones a repository anew for each render."""
    destination.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "copier.yml", destination)
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in ("extensions", "template"):
        shutil.copytree(ROOT / folder, destination / folder, ignore=ignored)
    return destination


def files_of(tree: Path) -> Iterator[Path]:
    """Give every file of a rendered tree, sorted."""
    yield from sorted(path for path in tree.rglob("*") if path.is_file())


def fingerprint(tree: Path) -> str:
    """Sum up a rendered tree and the tests that judge it: equal sums, equal verdicts."""
    digest = hashlib.sha256()
    judges = [*sorted((ROOT / "tests" / "harness").rglob("*.py")), ROOT / "tests/test_variants.py"]
    for path in judges:
        digest.update(path.read_bytes())
    for path in files_of(tree):
        if path.name == ".copier-answers.yml":  # it names the commit
            continue
        content = path.read_bytes()
        mode = path.stat().st_mode & 0o111
        digest.update(f"{path.relative_to(tree)}\0{mode}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()

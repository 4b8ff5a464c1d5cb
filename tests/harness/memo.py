"""What each variant last rendered to, kept in .cache/rendered: see docs/decisions/0018."""

import json
import sys
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path

from tests.harness import kept
from tests.harness.paths import CACHE, ROOT
from tests.harness.resolving import lock
from tests.harness.sums import fingerprint, judges, sum_of, sum_of_tree
from tests.harness.variants import Variant, files_of

FOLDER = CACHE / "rendered"


@dataclass(frozen=True)
class Rendered:
    """A tree as far as its fingerprint needs it: the sum of its files, and what is resolved.

    `inputs` sums up what it was made from, besides the answers.
    """

    inputs: str
    tree: str
    pyproject: str


def inputs_of(source: Path) -> str:
    """Sum up all that decides what a template renders to, besides the answers.

    That is the template, what is installed, Python, the year, and how these tests render.
    """
    installed = sorted(f"{each.name} {each.version}" for each in distributions())
    files = sum_of((source, files_of(source)), (ROOT, judges()))
    text = json.dumps([files, installed, sys.version, date.today().year])
    return sha256(text.encode()).hexdigest()


def file_of(variant: Variant) -> Path:
    answers = sha256(json.dumps(variant.data()).encode()).hexdigest()
    return FOLDER / f"{variant}-{answers[:16]}.json"


def remember(variant: Variant, inputs: str, tree: Path) -> None:
    """Keep what a variant was rendered to, from these inputs."""
    pyproject = (tree / "pyproject.toml").read_text(encoding="utf-8")
    kept.write(file_of(variant), Rendered(inputs, sum_of_tree(tree), pyproject))


def recall(variant: Variant, inputs: str, folder: Path) -> str | None:
    """Give the fingerprint of a variant, rendered from these inputs and resolved now.

    Nothing, where it has to be rendered to know. It is resolved in `folder`, by its pyproject.toml.

    Raises:
        CommandError: where it cannot be resolved.
    """
    known = kept.read(file_of(variant), Rendered)
    if known is None or known.inputs != inputs:
        return None
    folder.mkdir()
    (folder / "pyproject.toml").write_text(known.pyproject, encoding="utf-8")
    lock(folder)
    return fingerprint(folder, known.tree)

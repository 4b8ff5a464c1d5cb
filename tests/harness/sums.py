"""Sums of files: what is equal has the same sum, and what has changed has another."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tests.harness.paths import ROOT
from tests.harness.variants import files_of


def sum_of(*parts: tuple[Path, Iterable[Path]]) -> str:
    """Sum up files: each one's name below its root, whether it may be executed, what it holds."""
    digest = hashlib.sha256()
    for root, paths in parts:
        for path in paths:
            content = path.read_bytes()
            mode = path.stat().st_mode & 0o111
            digest.update(f"{path.relative_to(root)}\0{mode}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def judges() -> list[Path]:
    """Give the files that judge a variant."""
    return [*sorted((ROOT / "tests" / "harness").rglob("*.py")), ROOT / "tests/test_variants.py"]


def fingerprint(tree: Path) -> str:
    """Sum up a rendered tree, with its uv.lock, and the tests that judge it."""
    # One file names the commit.
    rendered = [path for path in files_of(tree) if path.name != ".copier-answers.yml"]
    return sum_of((ROOT, judges()), (tree, rendered))

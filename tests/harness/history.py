"""The releases so far, from the history of this repository: no clone need have their tags."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from drydock import changelog
from tests.harness.paths import ROOT


@dataclass(frozen=True)
class Released:
    """A release that CHANGELOG.md names, and the commit that it is."""

    version: Version
    commit: str

    def read(self, name: str, repository: Path = ROOT) -> str:
        """Read a file as it was then."""
        return git(repository, "show", f"{self.commit}:{name}")


def git(repository: Path, *arguments: str) -> str:
    """Ask Git.

    Raises:
        LookupError: with its own words, where it has no answer.
    """
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True)
    if done.returncode:
        raise LookupError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def released(repository: Path = ROOT) -> list[Released]:
    """Give the releases, the oldest first.

    Raises:
        LookupError: where the history does not reach back to one of them.
    """
    versions = [each.version for each in changelog.read(repository) if each.version]
    return [Released(each, commit_of(each, repository)) for each in sorted(versions)]


def commit_of(version: Version, repository: Path) -> str:
    """Find the commit of a release: its tag, or the first that brought its heading."""
    if git(repository, "tag", "--list", str(version)):
        return git(repository, "rev-parse", f"refs/tags/{version}^{{commit}}").strip()
    # Where history is cut off, its first commit seems to bring everything.
    if git(repository, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise LookupError(
            f"the release {version} has no tag here, and the history is cut off: "
            "`git fetch --unshallow`, or `fetch-depth: 0` in a workflow."
        )
    heading = f"## [{version}]"
    found = git(
        repository, "log", "--reverse", "--format=%H", f"-S{heading}", "--", changelog.FILE
    ).split()
    if not found:
        raise LookupError(f"no commit brings {heading!r} to {changelog.FILE}: commit it.")
    return found[0]

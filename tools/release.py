"""Makes a release of what is committed: heading in the changelog, version, commit, tag.

python -m tools.release 0.3.0
"""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

from drydock import changelog
from drydock.changelog import FILE, MUST_DO, UNRELEASED
from drydock.errors import Refused, one_line

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "pyproject.toml"
HEADING = f"## [{UNRELEASED}]\n"
VERSION_LINE = re.compile(r'^version = ".*"$', re.MULTILINE)


def release(repository: Path, wanted: str) -> None:
    """Make a release.

    Raises:
        Refused: where it cannot be one; then nothing has changed.
    """
    version = read(wanted)
    check_notes(repository, version)
    check_state(repository, version)
    head = git(repository, "rev-parse", "HEAD").strip()
    try:
        write(repository, version)
        git(repository, "commit", "--quiet", "--all", "--message", f"Release {version}")
        git(repository, "tag", "--annotate", "--message", f"Release {version}", str(version))
    except Refused:
        git(repository, "reset", "--quiet", "--hard", head)
        raise


def read(wanted: str) -> Version:
    """Read a version.

    Raises:
        Refused: where it is none, or has another name as a tag.
    """
    try:
        version = Version(wanted)
    except InvalidVersion:
        raise Refused(f"{wanted!r} is no version of PEP 440: say VERSION=0.3.0.") from None
    if wanted != str(version):
        raise Refused(f"{wanted!r} is written {version} in PEP 440: say VERSION={version}.")
    return version


def check_notes(repository: Path, version: Version) -> None:
    """Ask the changelog whether a release may follow.

    Raises:
        Refused: for a version that is not newer, and where the owner of a service is told nothing.
    """
    releases = changelog.read(repository)
    newest = max((each.version for each in releases if each.version), default=None)
    if newest and version <= newest:
        raise Refused(f"{version} is not newer than {newest}, the last release.")
    sections = next((each.sections for each in releases if each.version is None), {})
    if not sections:
        raise Refused(f"[{UNRELEASED}] in {FILE} is empty: there is nothing to release.")
    if not sections.get(MUST_DO):
        raise Refused(
            f"[{UNRELEASED}] in {FILE} has no '{MUST_DO}': write it, if only that it is nothing."
        )


def check_state(repository: Path, version: Version) -> None:
    """Ask Git whether a release may be made.

    Raises:
        Refused: where something is not committed, and for a tag that is there already.
    """
    if git(repository, "status", "--porcelain"):
        raise Refused("not everything is committed: commit it, or put it away with `git stash`.")
    if git(repository, "tag", "--list", str(version)):
        raise Refused(f"there is a tag {version} already, which the changelog does not know.")


def write(repository: Path, version: Version) -> None:
    """Give what is unreleased its version and the date of today (UTC), wherever it is named."""
    log, project = repository / FILE, repository / PROJECT
    heading = f"{HEADING}\n## [{version}] - {datetime.now(UTC).date()}\n"
    log.write_text(log.read_text("utf-8").replace(HEADING, heading, 1), "utf-8")
    line = f'version = "{version}"'
    project.write_text(VERSION_LINE.sub(line, project.read_text("utf-8"), count=1), "utf-8")


def git(repository: Path, *arguments: str) -> str:
    """Ask Git.

    Raises:
        Refused: with its words, where it fails.
    """
    done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True)
    if done.returncode:
        said = one_line(done.stderr or done.stdout)
        raise Refused(f"git {arguments[0]} failed ({said}): mend that first.")
    return done.stdout


def main() -> None:
    """Make the release that the command line names, or say in a sentence why not."""
    version = " ".join(sys.argv[1:])
    try:
        release(ROOT, version)
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    print(f"Released {version}. To publish it: git push --follow-tags")


if __name__ == "__main__":
    main()

"""The versions of a template, as its repository has them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from drydock import changelog
from drydock.changelog import Release
from drydock.errors import Refused
from drydock.git import GitError, git

# `git describe`: the nearest tag, the commits since, and the commit.
BEYOND = re.compile(r"(.+)-(\d+)-g([0-9a-f]+)")
REASONS = 3


@dataclass(frozen=True)
class History:
    """The way from one version to another, in a clone that has both.

    `old` and `new` are named as `git describe` does: a tag, or what lies beyond it.
    """

    clone: Path
    old: str
    new: str

    @property
    def releases(self) -> Sequence[Release]:
        """What the template's CHANGELOG.md says of what comes."""
        old, new = version_of(self.old), version_of(self.new)
        if old is None or new is None:
            return ()
        return changelog.between(changelog.read(self.clone), old, new)

    @property
    def is_same(self) -> bool:
        """Tell whether both are the same commit."""
        return self._commit(self.old) == self._commit(self.new)

    def check(self, location: str) -> None:
        """Refuse a way that does not exist, or leads back.

        Raises:
            Refused: naming the versions.
        """
        try:
            self._commit(self.old)
        except GitError as error:
            raise Refused(
                f"the template {location!r} has no version {self.old!r}, from which the service "
                "was made: name the repository that has it with --template."
            ) from error
        old, new = version_of(self.old), version_of(self.new)
        if (old and new and old > new) or (not self.is_same and self._leads_back()):
            raise Refused(
                f"from {self.old} to {self.new} is a downgrade, which could not know what to take "
                "away: go back with Git, to the commit before the last update."
            )

    def reasons(self, path: str) -> list[str]:
        """Say why the template changed one of its files: the subjects of its newest commits."""
        log = ("log", f"--max-count={REASONS}", "--format=%s", f"{self.old}..{self.new}")
        return git(self.clone, *log, "--", path).splitlines()

    def _leads_back(self) -> bool:
        try:
            git(self.clone, "merge-base", "--is-ancestor", self.new, self.old)
        except GitError:
            return False
        return True

    def _commit(self, version: str) -> str:
        options = ("--verify", "--quiet", "--end-of-options")
        return git(self.clone, "rev-parse", *options, f"{version}^{{commit}}").strip()


def version_of(described: str) -> Version | None:
    """Read a version (PEP 440); what lies beyond a tag is a post-release of it."""
    if beyond := BEYOND.fullmatch(described):
        described = f"{beyond[1]}.post{beyond[2]}+{beyond[3]}"
    try:
        return Version(described)
    except InvalidVersion:
        return None

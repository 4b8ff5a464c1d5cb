"""The templates of many services: a repository is fetched once, a version checked out once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from packaging.version import Version

from drydock import display, source
from drydock.errors import Refused
from drydock.fetching import check_out, fetch
from drydock.git import GitError, git
from drydock.source import Source
from drydock.update.history import BEYOND, version_of
from drydock.update.service import ANSWERS, Service

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Edition:
    """A version of a template that lies in a folder, and the tags of the releases after it.

    `newest` is the newest release, None where the template has none.
    """

    source: Source
    folder: Path
    newest: str | None
    behind: tuple[str, ...]


class Upstream:
    """The repository of a template."""

    def __init__(self, location: str, folder: Path) -> None:
        """Fetch it; `folder` is where its versions go.

        Raises:
            Refused: when it cannot be reached.
        """
        self.location = location
        self.folder = folder
        self.clone = folder / "clone"
        folder.mkdir()
        with display.working(f"Fetching {location}"):
            fetch(location, self.clone)
        self.tags = git(self.clone, "tag").splitlines()
        named = {version_of(tag): tag for tag in self.tags}
        releases = {each: tag for each, tag in named.items() if each and not each.is_prerelease}
        self.releases: dict[Version, str] = dict(sorted(releases.items()))

    def edition(self, version: str) -> Edition:
        """Check out a version.

        Raises:
            Refused: when there is no such version, or Git cannot.
        """
        options = ("--verify", "--quiet", "--end-of-options")
        try:
            commit = git(self.clone, "rev-parse", *options, f"{version}^{{commit}}").strip()
        except GitError as error:
            raise Refused(
                f"the template {self.location!r} has no version {version!r}, from which the "
                "service was made: `drydock update --template` goes on from a repository that has."
            ) from error
        folder = self.folder / commit
        if not folder.exists():
            check_out(self.location, self.clone, commit, folder)
        newest = next(reversed(self.releases.values()), None)
        return Edition(Source(self.location, version), folder, newest, self.after(version, commit))

    def after(self, version: str, commit: str) -> tuple[str, ...]:
        """Name the releases after a version, in their order."""
        known = version_of(version)
        if known and (version in self.tags or BEYOND.fullmatch(version)):
            return tuple(tag for each, tag in self.releases.items() if each > known)
        # No tag leads to this commit, and so nothing but its history says what came later.
        later = git(self.clone, "tag", "--no-merged", commit).splitlines()
        return tuple(tag for tag in self.releases.values() if tag in later)


class Upstreams:
    """The templates that were fetched; what could not be is not tried again."""

    def __init__(self, place: Path) -> None:
        """Begin with none; `place` is where they go."""
        self.place = place
        self._fetched: dict[str, Upstream | Refused] = {}
        self._editions: dict[tuple[str, str], Edition | Refused] = {}

    def edition_of(self, service: Service) -> Edition:
        """Give the version that a service was made from.

        Raises:
            Refused: when it is not to be had.
        """
        location, version = location_of(service), service.version
        folder = self.place / str(len(self._fetched))
        return once(
            self._editions,
            (location, version),
            lambda: once(self._fetched, location, lambda: Upstream(location, folder)).edition(
                version
            ),
        )


def once(known: dict[K, T | Refused], key: K, make: Callable[[], T]) -> T:
    """Make what is not known yet.

    Raises:
        Refused: as the first time, where it could not be made.
    """
    if key not in known:
        try:
            known[key] = make()
        except Refused as error:
            known[key] = error
    found = known[key]
    if isinstance(found, Refused):
        raise found
    return found


def location_of(service: Service) -> str:
    """Say where a template is, as the service records it.

    Raises:
        Refused: for a folder that does not exist.
    """
    try:
        return source.absolute(service.source)
    except Refused as error:
        raise Refused(
            f"the template {service.source!r}, which {ANSWERS} names, does not exist: "
            "correct _src_path there."
        ) from error

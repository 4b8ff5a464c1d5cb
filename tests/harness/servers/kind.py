"""What is the same for every kind of server: how one is chosen, and how the choice is passed on."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

# What everything in a server is named after that this run makes there.
PREFIX = "DRYDOCK_TEST_PREFIX"


class UnreachableError(Exception):
    """A server does not answer."""


def nothing() -> None:
    """End a server that is not ours: leave it as it is."""


@dataclass(frozen=True)
class Server:
    """A server: its address, where it comes from, and what ends it if it is ours."""

    name: str
    url: str
    origin: str
    version: str
    end: Callable[[], None] = nothing

    def __str__(self) -> str:
        return f"{self.name} {self.version}, {self.origin}"


@dataclass(frozen=True)
class Kind:
    """One kind of server, and what each does in its own way.

    `version_of` holds a real conversation, and raises UnreachableError where none comes about.
    `start_private` gives None where this machine has nothing to start. `remove` takes from the
    server at an address what a run with a prefix left there. `plain` writes an address as the
    others take it.
    """

    key: str
    name: str
    local: str
    advice: str
    version_of: Callable[[str], str]
    start_private: Callable[[], Server | None]
    remove: Callable[[str, str], None]
    plain: Callable[[str], str] = str

    @property
    def named(self) -> str:
        """The variable that names a server."""
        return f"DRYDOCK_TEST_{self.key.upper()}_URL"

    @property
    def chosen(self) -> str:
        """The variable in which the first process of a run passes on what it chose."""
        return f"DRYDOCK_TEST_CHOSEN_{self.key.upper()}"

    @property
    def how_to_get_one(self) -> str:
        """What to do where there is none."""
        return f"{self.advice}, or set {self.named}"

    @property
    def address(self) -> str:
        """The address of the one that was chosen."""
        return os.environ[self.chosen]

    def choose(self) -> Server | None:
        """Find a server, or start one; give None where there is neither.

        Raises:
            UnreachableError: where one was named and does not answer.
        """
        if named := os.environ.get(self.named):
            url = self.plain(named)
            try:
                origin = f"{self.named} ({without_secrets(url)})"
                return Server(self.name, url, origin, self.version_of(url))
            except (UnreachableError, ValueError) as error:
                raise UnreachableError(
                    f"{self.named} names a server that does not answer: {error}"
                ) from None
        try:
            origin = f"found at {without_secrets(self.local)}"
            return Server(self.name, self.local, origin, self.version_of(self.local))
        except UnreachableError:
            return self.start_private()


@dataclass(frozen=True)
class Broker:
    """A place for the messages of one service: a server, and the name that its queue has there."""

    url: str
    queue: str


def without_secrets(url: str) -> str:
    """Give host and port only."""
    parts = urlsplit(url)
    if not parts.hostname:
        return "a Unix socket"
    return f"{parts.hostname}:{parts.port or 'its usual port'}"


def new_name() -> str:
    """Make a name that nothing in a server has, and that tells which run made it."""
    return f"{os.environ.get(PREFIX, 'drydock')}_{uuid4().hex[:12]}"

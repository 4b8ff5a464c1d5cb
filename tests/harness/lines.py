"""Lines to servers that a test cuts: what used them sees a server that was killed.

A line may speak TLS to whom it is opened for, whatever the server does, with any certificate.
"""

import asyncio
import ssl
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from tests.harness.servers.private import free_port

# Opens a connection to the server at the other end.
Connect = Callable[[], Coroutine[Any, Any, tuple[StreamReader, StreamWriter]]]
# Bytes with which a client of PostgreSQL asks for TLS, and the answer that it may begin.
SSL_REQUEST, AGREED = 8, b"S"


class Line:
    """A port that leads to a server, for as long as nobody cuts it."""

    def __init__(self, connect: Connect) -> None:
        self.connect = connect
        self.port = free_port()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.ends: set[StreamWriter] = set()
        self.server: asyncio.Server | None = None
        self.certificate: ssl.SSLContext | None = None
        self.asks_for_tls = False

    def do(self, what: Coroutine[Any, Any, None]) -> None:
        """Do something on the line's own thread, and wait for it."""
        asyncio.run_coroutine_threadsafe(what, self.loop).result(30)

    def mend(self) -> None:
        """Take connections, as a server that has started."""
        self.do(self.listen())

    def cut(self) -> None:
        """Reset every connection and refuse new ones, as where a server was killed."""
        self.do(self.refuse())

    async def listen(self) -> None:
        self.server = await asyncio.start_server(self.carry_both, "127.0.0.1", self.port)

    async def refuse(self) -> None:
        if self.server is not None:
            self.server.close()
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()

    async def carry_both(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.ends.add(writer)
        if self.certificate:
            try:
                await self.encrypt(reader, writer, self.certificate)
            except (OSError, asyncio.IncompleteReadError):  # the other side does not trust it
                return
        far_reader, far_writer = await self.connect()
        self.ends.add(far_writer)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))
        self.ends -= {writer, far_writer}

    async def encrypt(
        self, reader: StreamReader, writer: StreamWriter, certificate: ssl.SSLContext
    ) -> None:
        if self.asks_for_tls:
            await reader.readexactly(SSL_REQUEST)
            writer.write(AGREED)
        await writer.start_tls(certificate)


async def carry(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while what := await reader.read(65536):
            writer.write(what)
            await writer.drain()
    writer.close()


@contextmanager
def line_to(connect: Connect) -> Iterator[Line]:
    line = Line(connect)
    line.thread.start()
    line.mend()
    try:
        yield line
    finally:
        line.cut()
        line.loop.call_soon_threadsafe(line.loop.stop)
        line.thread.join()
        line.loop.close()


@contextmanager
def over_a_line(url: str) -> Iterator[tuple[str, Line]]:
    """Give the address of a server over a line. PostgreSQL's may be a folder with its socket."""
    parts = urlsplit(url)
    socket = parse_qs(parts.query).get("host", [""])[0]
    default = {"redis": 6379, "amqp": 5672}.get(parts.scheme, 5432)

    async def connect() -> tuple[StreamReader, StreamWriter]:
        if socket.startswith("/"):
            return await asyncio.open_unix_connection(f"{socket}/.s.PGSQL.5432")
        return await asyncio.open_connection(parts.hostname or "127.0.0.1", parts.port or default)

    with line_to(connect) as line:
        line.asks_for_tls = parts.scheme not in {"redis", "smtp"}
        who = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        there = parts._replace(netloc=f"{who}127.0.0.1:{line.port}", query="")
        yield urlunsplit(there), line

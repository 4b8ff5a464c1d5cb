"""A line to a server, which a test cuts, silences and mends."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

SSL_REQUEST = 8  # bytes that ask for encryption, before anything else


class Line:
    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.port = 0
        self.is_silent = False
        self.is_cut = False
        self.is_broken = False
        self.refusal = b""
        self.ends: set[StreamWriter] = set()
        self.begun = asyncio.Event()

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        self.is_cut = True
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()

    def freeze(self) -> None:
        """Let connections come and stay, and nothing through."""
        self.is_silent = True

    def refuse(self, state: str) -> None:
        """Answer each new connection with an error as the server would, of an SQLSTATE."""
        fields = f"SFATAL\0C{state}\0Mnot now\0\0".encode()
        self.refusal = b"E" + (len(fields) + 4).to_bytes(4) + fields

    def break_tls(self) -> None:
        """Agree to encrypt, and then speak something else."""
        self.is_broken = True

    def mend(self) -> None:
        self.is_cut = self.is_silent = self.is_broken = False
        self.refusal = b""

    async def used(self) -> None:
        """Wait until something went through."""
        await self.begun.wait()
        await asyncio.sleep(0.3)

    async def connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.ends.add(writer)
        if self.is_cut:
            writer.transport.abort()
            return
        if self.is_silent:
            return
        if self.refusal or self.is_broken:
            with suppress(ConnectionError):
                await self.answer(reader, writer)
            return
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        self.ends.add(far_writer)
        self.begun.set()
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Say what the server would."""
        if len(await reader.read(4096)) == SSL_REQUEST:
            writer.write(b"S" if self.is_broken else b"N")
            await reader.read(4096)
        writer.write(self.refusal or b"no TLS at all")
        await writer.drain()
        writer.close()

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            while what := await reader.read(65536):
                while self.is_silent:  # noqa: ASYNC110, the tests decide when
                    await asyncio.sleep(0.02)
                writer.write(what)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def line_to(host: str, port: int) -> AsyncGenerator[Line]:
    line = Line(host, port)
    server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        line.cut()
        server.close()
        await server.wait_closed()

"""A broker that takes what it is sent and says nothing, as one does that is short of memory."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from kombu import Connection
from pydantic import SecretStr

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker import broker
from app.worker.broker import Queue
from app.worker.lifespan import open_queue
from app.worker.payload import Job
from app.worker.queue import QueueError
from tests.worker.probe import Probe


class Line:
    """A way to the real broker; where it is silent, answers do not arrive."""

    def __init__(self, url: str) -> None:
        info = Connection(url).info()
        self.broker = (info["hostname"], info["port"])
        self.silent = False
        self.writers: list[StreamWriter] = []

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        from_broker, to_broker = await asyncio.open_connection(*self.broker)
        self.writers += [writer, to_broker]
        with suppress(OSError):
            await asyncio.gather(self.pump(reader, to_broker), self.pump(from_broker, writer))

    async def pump(self, source: StreamReader, target: StreamWriter) -> None:
        while data := await source.read(65536):
            if not self.silent:
                target.write(data)
        target.close()


@pytest.fixture
async def line(settings: Settings) -> AsyncGenerator[Line]:
    line = Line(settings.broker_url.get_secret_value())
    yield line
    for writer in line.writers:
        writer.close()


@pytest.fixture
async def far(
    settings: Settings,
    database: Database,
    line: Line,
    queue: Queue,  # noqa: ARG001, it is emptied afterwards
) -> AsyncGenerator[Queue]:
    async with await asyncio.start_server(line.carry, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = urlsplit(settings.broker_url.get_secret_value())
        user = url.netloc.rpartition("@")[0]
        netloc = f"{user}@127.0.0.1:{port}" if user else f"127.0.0.1:{port}"
        through = SecretStr(url._replace(netloc=netloc).geturl())
        async with open_queue(settings.model_copy(update={"broker_url": through}), database) as far:
            yield far
            line.silent = False
            for writer in line.writers:
                writer.close()


async def test_whoever_sends_is_told_and_no_thread_waits_for_ever(far: Queue, line: Line) -> None:
    await far.send(Job.of(Probe()))
    line.silent = True
    with pytest.raises(QueueError, match="BROKER_URL"):
        await far.send(Job.of(Probe()))
    await asyncio.wait_for(asyncio.to_thread(far.threads.shutdown), 60)


async def test_what_was_set_aside_may_take_its_time(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "PATIENCE", 0)
    with pytest.raises(QueueError):
        await queue.ping()
    assert await queue.aside() == []
    assert await queue.retry_aside() == 0

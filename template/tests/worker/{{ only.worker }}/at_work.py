"""Workers as they are run: processes of their own, on a queue that one test alone has."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.core.db.session import Database
from app.core.ids import new_id
from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.lifespan import open_queue
from tests.broker import remove

ROOT = Path(__file__).parents[2]
APP = "from app.cli.main import main; main()"


async def command(*arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", APP, *arguments), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 60
    while not await holds():
        assert time.monotonic() < deadline, "it took too long"
        await asyncio.sleep(0.1)


@asynccontextmanager
async def worker(tasks: str = "app.registry", log: Path | None = None) -> AsyncGenerator[Process]:
    """Run a worker that knows the tasks of a module too, and end whatever it leaves."""
    with (log or Path(os.devnull)).open("w") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"import {tasks}; {APP}", "worker"),
            cwd=ROOT,
            stderr=file if log else None,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def own_queue(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Queue]:
    """Give a queue that this test alone has, and so has its worker."""
    name = f"{settings.task_queue}-{new_id().hex}"
    monkeypatch.setenv("TASK_QUEUE", name)
    mine = settings.model_copy(update={"task_queue": name})
    async with open_queue(mine, database) as queue:
        yield queue
    await remove(mine)

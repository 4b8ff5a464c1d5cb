"""The service as it is run: `app serve` in a process of its own, on a port that it chooses."""

import asyncio
import os
import re
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = "from app.cli.main import main; main()"
ADDRESS = re.compile(r"running on (http://[\w.:]+)")
PATIENCE = 60.0  # seconds, of a busy machine


@dataclass
class Served:
    process: Process
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        found = ADDRESS.search(self.said())
        assert found is not None
        return found[1]


@asynccontextmanager
async def serving(log: Path, *options: str, modules: str = "sys") -> AsyncGenerator[Served]:
    """Serve with the settings of the environment; import modules before that."""
    with log.open("w") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"import {modules}; {APP}", "serve", "--port", "0", *options),
            cwd=ROOT,
            stderr=file,
            start_new_session=True,
        )
    served = Served(process, log)
    try:
        await until(lambda: ADDRESS.search(served.said()) is not None)
        yield served
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        await asyncio.sleep(0.05)

"""A task for tests: a test says what it does, and sees what it was given."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from app.worker.payload import Payload
from app.worker.task import TASKS, TaskContext, task


class Probe(Payload):
    task = "tests.probe"

    note: str = ""


class Probed:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self.released = asyncio.Event()
        self.do: Callable[[TaskContext], Awaitable[None]] = self.hold

    async def hold(self, _: TaskContext) -> None:
        await self.released.wait()

    async def handle(self, payload: Probe, context: TaskContext) -> None:
        self.seen.append((payload.note, context.id, context.attempt))
        await self.do(context)

    def declare(self, **options: Any) -> None:
        """Declare the task anew."""
        TASKS.pop(Probe.task, None)
        task(Probe, **options)(self.handle)

# mypy: ignore-errors
"""Tasks that note in a file when they begin and when they end, and in which process."""

import asyncio
import json
import os
import time
from dataclasses import replace

from app.worker.cron import Cron
from app.worker.enqueue import enqueuing
from app.worker.payload import Payload
from app.worker.prune import prune_expired as prune_expired
from app.worker.task import TASKS, TaskContext, task

# The longest limit of the service, on which depends when a job counts as lost.
LONGEST = 15


def note(event: str, payload: Payload, context: TaskContext) -> None:
    """Write a line at once, so that those of several processes never mix."""
    line = {
        "event": event,
        "time": time.time(),
        "task": payload.task,
        "mark": getattr(payload, "mark", ""),
        "id": context.id,
        "attempt": context.attempt,
        "pid": os.getpid(),
        "group": os.getpgrp(),
    }
    file = os.open(os.environ["PROBE_NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, json.dumps(line).encode() + b"\n")
    os.close(file)


class Plain(Payload):
    task = "probe.plain"

    mark: str
    seconds: float = 0


@task(Plain, retries=1, first_delay=0.5, time_limit=LONGEST)
async def plain(payload: Plain, context: TaskContext) -> None:
    note("begin", payload, context)
    await asyncio.sleep(payload.seconds)
    note("end", payload, context)


class Failing(Payload):
    task = "probe.failing"

    mark: str


@task(Failing, retries=3, first_delay=0.5, time_limit=5)
async def failing(payload: Failing, context: TaskContext) -> None:
    note("begin", payload, context)
    raise RuntimeError("it never works")


class Late(Payload):
    task = "probe.late"

    mark: str


@task(Late, retries=1, first_delay=0.5, time_limit=1)
async def late(payload: Late, context: TaskContext) -> None:
    note("begin", payload, context)
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        note("cancelled", payload, context)
        raise
    note("end", payload, context)


class Blocking(Payload):
    task = "probe.blocking"

    mark: str
    seconds: float


@task(Blocking, retries=0, time_limit=1)
async def blocking(payload: Blocking, context: TaskContext) -> None:
    note("begin", payload, context)
    time.sleep(payload.seconds)
    note("end", payload, context)


class Parent(Payload):
    task = "probe.parent"

    mark: str


@task(Parent, time_limit=5)
async def parent(payload: Parent, context: TaskContext) -> None:
    async with context.database.transaction() as session:
        enqueuing(session, context.queue)(Plain(mark=f"{payload.mark}, by a task"))


class Ticking(Payload):
    task = "probe.ticking"


@task(
    Ticking, time_limit=5, schedule=Cron("*/2 * * * * *") if "PROBE_TICKS" in os.environ else None
)
async def ticking(payload: Ticking, context: TaskContext) -> None:
    note("begin", payload, context)


PAYLOADS = {each.task: each for each in (Plain, Failing, Late, Blocking, Parent)}

# The template's own tasks may take minutes: here none waits so long for one that was lost.
for name, declared in TASKS.items():
    TASKS[name] = replace(
        declared,
        retries=min(declared.retries, 3),
        first_delay=min(declared.first_delay, 0.5),
        time_limit=min(declared.time_limit, LONGEST),
    )

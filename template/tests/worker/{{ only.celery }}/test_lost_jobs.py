"""When a job counts as lost, and what becomes of one that loses each process that tries it."""

import re
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.registry import import_tasks
from app.worker.broker import Queue
from app.worker.payload import Job
from app.worker.prune import PruneExpired
from app.worker.task import TASKS
from tests.worker.at_work import command, eventually, own_queue, worker
from tests.worker.committing import committing

SAY = "from app.worker.broker import longest_absence; print(longest_absence())"


def test_a_process_that_runs_no_task_gives_tasks_their_time_too() -> None:
    import_tasks()
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)  # noqa: S603
    assert int(said.stdout) > max(task.time_limit for task in TASKS.values())


@pytest.fixture
async def queue(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Queue]:
    async with committing(settings) as database, own_queue(settings, database, monkeypatch) as own:
        yield own


@pytest.mark.usefixtures("environment")
async def test_a_job_that_ends_its_process_each_time_is_set_aside(
    queue: Queue, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    deadly, harmless = Job("tests.deadly", {"note": "secret"}), Job.of(PruneExpired())

    async def is_aside() -> bool:
        return len(await queue.aside()) == 1

    async def is_done() -> bool:
        return f"Done: worker.prune_expired {harmless.id}" in log.read_text()

    await queue.send(deadly)
    async with worker("tests.worker.deadly", log):
        await eventually(is_aside)
        await queue.send(harmless)
        await eventually(is_done)
        _, listed = await command("worker", "aside")
    assert f"tests.deadly  {deadly.id}  its worker was lost in each attempt" in listed
    assert re.findall(r"Dying in attempt (\d+)", log.read_text()) == ["1", "2", "3"]
    assert f"Attempt 3 of tests.deadly {deadly.id} lost its process" in log.read_text()
    assert "secret" not in log.read_text()

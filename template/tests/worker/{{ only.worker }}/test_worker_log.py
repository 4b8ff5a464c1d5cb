"""What a worker's processes write, from the first line to the last."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.worker.payload import Job
from app.worker.prune import PruneExpired
from tests.worker.at_work import eventually, own_queue, worker
from tests.worker.committing import committing

pytestmark = pytest.mark.usefixtures("environment")


async def test_the_log_of_a_worker_is_json_and_says_which_job_a_line_is_about(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "staging")
    monkeypatch.setenv("ALLOWED_HOSTS", "api.example.com")
    log, job = tmp_path / "log", Job.of(PruneExpired())

    async def is_done() -> bool:
        return f"Done: {job.task} {job.id}" in log.read_text()

    async with (
        committing(settings) as database,
        own_queue(settings, database, monkeypatch) as queue,
    ):
        await queue.send(job)
        async with worker(log=log) as process:
            await eventually(is_done)
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 30)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (done,) = [line for line in lines if line["event"].startswith("Done: ")]
    about = (done["task"], done["job_id"], done["attempt"], done["level"])
    assert about == (job.task, job.id, 1, "info")


async def test_no_process_of_a_worker_writes_below_its_level(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"ENVIRONMENT": "staging", "LOG_LEVEL": "warning"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ALLOWED_HOSTS", "api.example.com")
    log = tmp_path / "log"

    async def is_aside() -> bool:
        return len(await queue.aside()) == 1

    async with (
        committing(settings) as database,
        own_queue(settings, database, monkeypatch) as queue,
    ):
        await queue.send(Job(PruneExpired.task, {"newer": 1}))
        async with worker(log=log):
            await eventually(is_aside)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert "error" in {line["level"] for line in lines} <= {"warning", "error"}

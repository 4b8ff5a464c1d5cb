"""When a job counts as lost, as any process of the service says it."""

import subprocess
import sys

from app.registry import import_tasks
from app.worker.task import TASKS

SAY = "from app.worker.broker import longest_absence; print(longest_absence())"


def test_a_process_that_runs_no_task_gives_tasks_their_time_too() -> None:
    import_tasks()
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)  # noqa: S603
    assert int(said.stdout) > max(task.time_limit for task in TASKS.values())

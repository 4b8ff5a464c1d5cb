"""The settings of a test run's queue: the broker of BROKER_URL, or the one of development."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from app.worker.development import found_or_started


@contextmanager
def broker_settings(worker_id: str) -> Generator[dict[str, Any]]:
    """Give the settings of a queue that no other test process uses."""
    name = f"test-{os.getpid()}-{worker_id}"
    if url := os.environ.get("BROKER_URL"):
        yield {"broker_url": url, "task_queue": name}
        return
    with found_or_started() as url:
        yield {"broker_url": url, "task_queue": name}

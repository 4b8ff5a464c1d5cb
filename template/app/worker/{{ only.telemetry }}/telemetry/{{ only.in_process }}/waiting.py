"""What waits in this process for a place among its running tasks."""

from typing import TYPE_CHECKING

from app.core import about
from app.core.settings import Settings
from app.core.telemetry.places import Places
from app.worker.telemetry.what_waits import Look, Waiting

if TYPE_CHECKING:
    from app.worker.broker import Queue

SYSTEM = "in_process"


def queue_name(_: Settings) -> str:
    return about.NAME


def looking_at(_: Settings, queue: "Queue") -> Look:
    from app.worker.broker import AT_ONCE

    queue.places = places = Places(AT_ONCE)
    return lambda: Waiting(places.waiting, places.longest)

import asyncio

import pytest

from app.worker import broker
from app.worker.payload import Job
from app.worker.task import Resources
from app.worker.telemetry.waiting import looking_at
from app.worker.telemetry.what_waits import Waiting
from tests.worker.probe import Probe, Probed


async def test_what_has_no_place_waits(
    probe: Probed, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "AT_ONCE", 1)
    queue = broker.Queue(resources.settings, resources.database)
    look = looking_at(resources.settings, queue)
    assert look() == Waiting(0, 0.0)
    for _ in range(3):
        await queue.send(Job.of(Probe()))
    while not probe.seen:  # noqa: ASYNC110, it is about to begin
        await asyncio.sleep(0.01)
    found = look()
    assert found is not None
    assert found.depth == 2
    assert found.oldest is not None
    probe.released.set()
    await queue.aclose()
    assert look() == Waiting(0, 0.0)

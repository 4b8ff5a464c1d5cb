import asyncio

from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.payload import Job
from app.worker.telemetry.waiting import looking_at, queue_name
from app.worker.telemetry.what_waits import Waiting
from tests.worker.probe import Probe


async def test_a_queue_knows_how_many_jobs_wait_and_keeps_them(
    settings: Settings, queue: Queue
) -> None:
    look = looking_at(settings, queue)
    await queue.ping()
    before = await asyncio.to_thread(look)
    assert before in (Waiting(0, 0.0), Waiting(0, None), None)  # no queue before its first job
    for _ in range(2):
        await queue.send(Job.of(Probe()))
    await asyncio.sleep(0.05)
    for _ in range(2):
        found = await asyncio.to_thread(look)
        assert found is not None
        assert found.depth == 2
        assert found.oldest is None or 0.04 < found.oldest < 60
    assert queue_name(settings) == settings.task_queue


async def test_a_broker_that_is_gone_is_nothing_to_measure(settings: Settings) -> None:
    url = settings.broker_url.get_secret_value()
    gone = url.partition("://")[0] + "://127.0.0.1:1/0"
    changed = settings.model_copy(
        update={"broker_url": type(settings.broker_url)(gone), "task_queue": "gone"}
    )
    queue = Queue(changed)
    assert await asyncio.to_thread(looking_at(changed, queue)) is None
    await queue.aclose()

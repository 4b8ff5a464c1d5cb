import pytest

from app.worker.cron import Cron
from app.worker.payload import Payload
from app.worker.task import JITTER, MAX_DELAY, MAX_TIME_LIMIT, TASKS, task
from tests.worker.probe import Probe, Probed


async def nothing(*_: object) -> None: ...


def test_a_name_is_one_tasks(probe: Probed) -> None:
    with pytest.raises(ValueError, match=r"tests\.probe is the name of another task"):
        task(Probe)(nothing)
    assert TASKS[Probe.task].handler == probe.handle


@pytest.mark.parametrize("seconds", [0, -1, MAX_TIME_LIMIT + 1])
def test_a_time_limit_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="time limit"):
        task(Probe, time_limit=seconds)
    assert Probe.task not in TASKS


class Needy(Payload):
    task = "tests.needy"

    order: int


def test_a_schedule_of_a_payload_without_defaults_is_refused() -> None:
    with pytest.raises(ValueError, match=r"tests\.needy: .* default for every field of Needy"):
        task(Needy, schedule=Cron("0 0 * * *"))
    assert Needy.task not in TASKS


def test_no_attempt_lasts_until_a_broker_takes_its_job_back() -> None:
    """Some brokers wait for 30 minutes, in which a worker may hold a job for its delay first."""
    assert MAX_DELAY * (1 + JITTER) + MAX_TIME_LIMIT < 30 * 60 - 60


def test_a_declared_function_stays_as_it_is() -> None:
    try:
        assert task(Probe)(nothing) is nothing
    finally:
        del TASKS[Probe.task]


def test_each_delay_is_longer_than_the_one_before_until_the_longest(probe: Probed) -> None:
    probe.declare(first_delay=1)
    for _ in range(100):
        delays = [TASKS[Probe.task].delay_after(attempt) for attempt in range(1, 10)]
        assert delays == sorted(delays)
        assert all(
            2**n * (1 - JITTER) <= delay <= 2**n * (1 + JITTER) for n, delay in enumerate(delays)
        )


def test_no_delay_is_longer_than_the_longest(probe: Probed) -> None:
    probe.declare(first_delay=1)
    delays = [TASKS[Probe.task].delay_after(attempt) for attempt in range(11, 1000)]
    assert max(delays) <= MAX_DELAY * (1 + JITTER)
    assert min(delays) >= MAX_DELAY * (1 - JITTER)
    assert len(set(delays)) > 1

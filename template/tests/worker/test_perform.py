"""One attempt, the same whatever carried the job."""

import asyncio
import logging

import pytest

from app.worker.outcome import Again, SetAside
from app.worker.payload import MAX_PAYLOAD, Job
from app.worker.perform import perform
from app.worker.task import GiveUp, Resources, TaskContext
from tests.worker.probe import Probe, Probed

JOB = Job(Probe.task, {"note": "secret"}, "one")


async def works(_: TaskContext) -> None: ...


async def fails(_: TaskContext) -> None:
    raise ConnectionError("nobody there")


async def gives_up(_: TaskContext) -> None:
    raise GiveUp("no such order")


async def takes_long(_: TaskContext) -> None:
    await asyncio.sleep(5)


async def meets_a_limit(_: TaskContext) -> None:
    raise TimeoutError("of its own")


def setting_aside(outcome: Again | SetAside | None) -> str:
    assert isinstance(outcome, SetAside), outcome
    return outcome.reason


async def test_what_ends_is_done_and_was_told_which_attempt_it_is(
    probe: Probed, resources: Resources
) -> None:
    probe.do = works
    assert await perform(JOB, 3, resources) is None
    assert probe.seen == [("secret", "one", 3)]


async def test_what_fails_is_tried_again_ever_later_and_then_set_aside(
    probe: Probed, resources: Resources
) -> None:
    probe.declare(retries=3, first_delay=10)
    probe.do = fails
    outcomes = [await perform(JOB, attempt, resources) for attempt in range(1, 5)]
    delays = [outcome.delay for outcome in outcomes if isinstance(outcome, Again)]
    assert len(delays) == 3
    assert delays == sorted(delays)
    assert "attempt 4, the last one, failed: ConnectionError" in setting_aside(outcomes[-1])


async def test_who_gives_up_is_not_asked_again(probe: Probed, resources: Resources) -> None:
    probe.do = gives_up
    assert setting_aside(await perform(JOB, 1, resources)) == "no such order"


async def test_an_attempt_ends_at_its_time_limit(probe: Probed, resources: Resources) -> None:
    probe.declare(retries=0, time_limit=0.05)
    probe.do = takes_long
    assert "longer than its 0.05 seconds" in setting_aside(await perform(JOB, 1, resources))


async def test_a_limit_inside_a_task_is_not_the_tasks(probe: Probed, resources: Resources) -> None:
    probe.declare(retries=0)
    probe.do = meets_a_limit
    assert "TimeoutError('of its own')" in setting_aside(await perform(JOB, 1, resources))


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (Job("tests.gone", {}, "one"), "no task of this release has its name"),
        (Job(Probe.task, {"note": "secret", "newer": 1}, "one"), "newer: Extra inputs"),
        (Job(Probe.task, "secret", "one"), "all of it: "),
        (Job(Probe.task, {"note": "secret" * MAX_PAYLOAD}, "one"), f"{MAX_PAYLOAD} are allowed"),
    ],
    ids=["unknown", "newer", "no-object", "too-large"],
)
async def test_what_this_release_cannot_read_is_set_aside(
    probe: Probed,
    resources: Resources,
    caplog: pytest.LogCaptureFixture,
    job: Job,
    reason: str,
) -> None:
    with caplog.at_level(logging.INFO):
        assert reason in setting_aside(await perform(job, 1, resources))
    assert probe.seen == []
    assert "Set aside: " in caplog.text
    assert "secret" not in caplog.text


async def test_what_loses_its_worker_each_time_is_set_aside(
    probe: Probed, resources: Resources
) -> None:
    probe.declare(retries=1)
    probe.do = works
    outcome = await perform(JOB, 3, resources)
    assert "lost in each attempt" in setting_aside(outcome)
    assert probe.seen == []

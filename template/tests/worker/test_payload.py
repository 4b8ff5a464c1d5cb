import pytest
from pydantic import ValidationError

from app.core.db.session import Database
from app.worker.broker import Queue
from app.worker.enqueue import enqueuing
from app.worker.payload import MAX_PAYLOAD, Job, PayloadTooLarge
from tests.broker import waiting
from tests.worker.probe import Probe


def test_a_payload_says_nothing_that_its_task_does_not_know() -> None:
    with pytest.raises(ValidationError):
        Probe.model_validate({"note": "a", "more": 1})


def test_a_payload_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Probe(note="a").note = "b"


def test_a_job_has_an_id_of_its_own() -> None:
    first, second = Job.of(Probe(note="a")), Job.of(Probe(note="a"))
    assert (first.task, first.payload) == ("tests.probe", {"note": "a"})
    assert first.id != second.id


def test_size_counts_in_bytes_of_json() -> None:
    around = len('{"note": ""}')
    Job.of(Probe(note="x" * (MAX_PAYLOAD - around)))
    Job.of(Probe(note="é" * ((MAX_PAYLOAD - around) // 2)))
    with pytest.raises(PayloadTooLarge, match=str(MAX_PAYLOAD + 1)):
        Job.of(Probe(note="x" * (MAX_PAYLOAD - around + 1)))


async def test_what_was_made_unchecked_is_refused_where_it_is_enqueued(
    database: Database, queue: Queue
) -> None:
    async with database.transaction() as session:
        enqueue = enqueuing(session, queue)
        with pytest.raises(ValidationError):
            enqueue(Probe.model_construct(note=7))
        with pytest.raises(PayloadTooLarge):
            enqueue(Probe.model_construct(note="x" * MAX_PAYLOAD))
    assert await waiting(queue) == []

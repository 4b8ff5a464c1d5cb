from app.core.ids import new_id
from app.core.models import Record


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert {one.version for one in made} == {7}


def test_a_record_has_an_id_and_an_aware_time() -> None:
    record = Record()
    assert record.id.version == 7
    assert record.created_at.tzinfo is not None

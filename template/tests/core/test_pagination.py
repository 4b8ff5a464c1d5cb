import pytest

from app.core.models import Record
from app.core.pagination import Page
from app.core.schemas import Output


class Row(Record):
    title: str


class RowPublic(Output):
    title: str


@pytest.mark.parametrize(
    ("found", "shown", "has_next"), [(0, 0, False), (2, 2, False), (3, 2, True)]
)
def test_one_row_too_many_means_another_page(found: int, shown: int, has_next: bool) -> None:
    records = [Row(title=str(n)) for n in range(found)]
    page = Page[RowPublic].of(RowPublic, records, limit=2)
    assert [row.title for row in page.rows] == [record.title for record in records[:shown]]
    assert page.next == (records[1].id if has_next else None)

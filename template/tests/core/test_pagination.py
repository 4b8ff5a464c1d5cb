import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import pytest

from app.core.ids import new_id
from app.core.models import Record
from app.core.pagination import Page, PageQuery, UnknownCursor
from app.core.schemas import Output


class Row(Record):
    title: str


class RowPublic(Output):
    title: str


def cursor(*place: object) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (str, "Keel", "Keel"),
        (int, 7, 7),
        (datetime, "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_cursor_is_read_as_its_column_is_typed(
    kind: type[object], value: object, read: object
) -> None:
    key = new_id()
    asked = PageQuery(after=cursor("-created_at", value, str(key)))
    assert asked.place(kind) == (read, key)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, 7),
        (str, "a\0b"),
        (str, "\ud800"),
        (str, None),
        (int, 2**63),
        (int, "many"),
        (datetime, "2026-01-02T03:04:05"),
        (datetime, []),
    ],
)
def test_a_value_that_no_page_ends_with_is_no_cursor(kind: type[object], value: object) -> None:
    asked = PageQuery(after=cursor("-created_at", value, str(new_id())))
    with pytest.raises(UnknownCursor):
        asked.place(kind)


@pytest.mark.parametrize(
    ("found", "shown", "has_next"), [(0, 0, False), (2, 2, False), (3, 2, True)]
)
def test_one_row_too_many_means_another_page(found: int, shown: int, has_next: bool) -> None:
    records = [Row(title=str(n)) for n in range(found)]
    asked = PageQuery(limit=2)
    page = Page[RowPublic].of(RowPublic, records, asked)
    assert [row.title for row in page.rows] == [record.title for record in records[:shown]]
    assert page.next == (asked.cursor(records[1]) if has_next else None)

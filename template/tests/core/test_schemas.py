import re
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from app.core.schemas import Input, Line, Moment, NonBlankLine, Text

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class Note(Input):
    title: Line
    text: Text = ""


def test_what_is_around_text_is_dropped() -> None:
    assert Note(title="  Mast ").title == "Mast"


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u2003 \u3000", "\u0085"])
def test_what_is_blank_is_refused_and_the_document_says_so(blank: str) -> None:
    name: TypeAdapter[str] = TypeAdapter(NonBlankLine)
    with pytest.raises(ValidationError):
        name.validate_python(blank)
    assert re.search(name.json_schema()["pattern"], blank) is None
    assert name.validate_python(f"{blank}a mast{blank}").strip() == "a mast"


def test_text_may_have_lines_and_tabs() -> None:
    assert Note(title="a", text="one\r\n\ttwo").text == "one\r\n\ttwo"


@pytest.mark.parametrize(
    "body",
    [
        {"title": "a", "more": 1},
        {"title": "two\nlines"},
        {"title": "a\u0000b"},
        {"title": "a\u007fb"},
        {"title": "a", "text": "a\u0000b"},
        {"title": "a", "text": "a\u001bb"},
    ],
)
def test_unknown_fields_and_control_characters_are_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Note.model_validate(body)


@pytest.mark.parametrize(
    "written", ["2026-11-21T10:00:00Z", "2026-11-21t10:00:00.0z", "2026-11-21T12:30:00+02:30"]
)
def test_a_time_is_read_with_its_zone(written: str) -> None:
    assert MOMENT.validate_python(written) == datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        *("0", "1763719200", "0.5", "2026-11-21", "2026-11-21T10:00:00", "2026-11-21T10:00Z"),
        *("2026-11-21 10:00:00Z", "2026-13-21T10:00:00Z", "0001-01-01T00:00:00+14:00", "now", ""),
    ],
)
def test_what_could_be_another_time_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(written)

import pytest
from pydantic import ValidationError

from app.core.schemas import Input, Line, Text


class Note(Input):
    title: Line
    text: Text = ""


def test_what_is_around_text_is_dropped() -> None:
    assert Note(title="  Mast ").title == "Mast"


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

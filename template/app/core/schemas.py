"""What comes in is checked to the last field; what goes out is read from the model."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
)

# Not every database stores NUL, and a control character in a title is an accident or an attack.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
# One that is not empty when the spaces around it are dropped; the API document says so too. Not
# every language has U+0085 among its spaces.
SEEN = r"[^\s\x00-\x1f\x7f\x85]"
NonBlankLine = Annotated[
    str, StringConstraints(pattern=rf"^[^\x00-\x1f\x7f]*{SEEN}[^\x00-\x1f\x7f]*$")
]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def as_written(moment: object) -> object:
    """Refuse a number, which could be seconds or milliseconds, and what names no zone."""
    if isinstance(moment, str) and not RFC_3339.fullmatch(moment):
        raise ValueError("must be a time of RFC 3339, as in 2026-11-21T10:00:00Z")
    return moment


def in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies beyond the years 1 to 9999") from None


# A time with its zone, as text.
Moment = Annotated[AwareDatetime, BeforeValidator(as_written), AfterValidator(in_utc)]


class Input(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """A response body, built from a table model, never one itself."""

    model_config = ConfigDict(from_attributes=True)

"""Pages by cursor: the place of the last row seen, so page 10,000 costs what page 1 costs.

A cursor is base64url (RFC 4648) of JSON: the order, the value that the last row has in it, its key.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import InitErrorDetails, PydanticCustomError, to_json

from app.core.errors import NotFound, Problem
from app.core.models import Record
from app.core.schemas import Output

MAX_LIMIT = 100
# Described and not checked: what is no cursor is a page that is not there, no mistake of a field.
FORMAT: JsonDict = {"pattern": "^[A-Za-z0-9_-]+$", "maxLength": 2000}
Cursor = Annotated[str, Field(json_schema_extra=FORMAT)]
# What a list sorts by instead: a key tells the order of creation, and no two are equal.
SORTED_BY = {"created_at": "id"}

Row = TypeVar("Row", bound=Output)


class UnknownCursor(NotFound):
    code = "cursor_not_found"

    def __init__(self) -> None:
        super().__init__("No page begins there: take `after` from `next` of the page before.")


class PageQuery(BaseModel):
    """Which page a client asks for, and in which order.

    A list declares in a subclass what else it sorts by (`sort: Literal["-created_at", …]`) and what
    it filters by, a field each. A column to sort by has no NULL, and an index that ends with the
    key.
    """

    model_config = ConfigDict(extra="forbid")
    raises: ClassVar[tuple[type[Problem], ...]] = (UnknownCursor,)

    after: Cursor | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    sort: str = Field(default="-created_at", pattern="^-?created_at$", max_length=11)

    @model_validator(mode="before")
    @classmethod
    def name_what_is_allowed(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse a parameter that is none, and name those that are."""
        known = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [name for name in given if name not in known]
        if unknown:
            error = PydanticCustomError(
                "unknown_parameter",
                "No such parameter: known are {known}",
                {"known": ", ".join(known)},
            )
            errors = [InitErrorDetails(type=error, loc=(name,), input=None) for name in unknown]
            raise ValidationError.from_exception_data("query", errors)
        return given

    @property
    def attribute(self) -> str:
        """Name what rows are sorted by."""
        name = self.sort.removeprefix("-")
        return SORTED_BY.get(name, name)

    @property
    def descends(self) -> bool:
        return self.sort.startswith("-")

    def cursor(self, row: Record) -> str:
        """Write down where a page ends."""
        place = [self.sort, getattr(row, self.attribute), row.id]
        return urlsafe_b64encode(to_json(place)).decode().rstrip("=")

    def place(self, kind: type[Any]) -> tuple[Any, UUID] | None:
        """Read where this page begins: after the row with a value, of this kind, and a key.

        Raises:
            UnknownCursor: for one that no page of a list in this order has given.
        """
        if self.after is None:
            return None
        try:
            text = urlsafe_b64decode(self.after + "=" * (-len(self.after) % 4)).decode()
            sort, value, key = json.loads(text)
            place = (TypeAdapter(kind).validate_python(value), UUID(key))
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise UnknownCursor from None
        if sort != self.sort or not is_storable(place[0]):
            raise UnknownCursor
        return place


# For a list that has no other order, and no filter.
PageDep = Annotated[PageQuery, Query()]


def is_storable(value: object) -> bool:
    """Say whether every database takes it: text without NUL and halves of a pair, 64 bits of a
    number, a time with its zone.
    """
    match value:
        case str():
            return not re.search("[\0\ud800-\udfff]", value)
        case int():
            return -(2**63) <= value < 2**63
        case datetime():
            return value.tzinfo is not None
    return True


class Page(BaseModel, Generic[Row]):
    """One page; `next` is empty on the last."""

    rows: list[Row]
    next: Cursor | None = None

    @classmethod
    def of(cls, row: type[Row], found: Sequence[Record], asked: PageQuery) -> Self:
        """Build a page from a query for `limit` rows and one more, which tells of a next page."""
        shown = found[: asked.limit]
        rows = [row.model_validate(record) for record in shown]
        return cls(rows=rows, next=asked.cursor(shown[-1]) if len(found) > asked.limit else None)

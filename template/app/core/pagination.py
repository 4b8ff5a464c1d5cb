"""Pages by cursor: the key of the last row seen, so page 10,000 costs what page 1 costs."""

from collections.abc import Sequence
from typing import Annotated, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from app.core.models import Record
from app.core.schemas import Output

MAX_LIMIT = 100

Row = TypeVar("Row", bound=Output)


class PageQuery(BaseModel):
    """Which page a client asks for."""

    after: UUID | None = Field(default=None, description="`next` of the page before")
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)


PageDep = Annotated[PageQuery, Query()]


class Page(BaseModel, Generic[Row]):
    """One page; `next` is empty on the last."""

    rows: list[Row]
    next: UUID | None = None

    @classmethod
    def of(cls, row: type[Row], found: Sequence[Record], limit: int) -> Self:
        """Build a page from a query that asked for `limit` rows and one more."""
        shown = found[:limit]
        rows = [row.model_validate(record) for record in shown]
        return cls(rows=rows, next=shown[-1].id if len(found) > limit else None)

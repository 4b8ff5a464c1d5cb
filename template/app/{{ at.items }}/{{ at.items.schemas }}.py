from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.core.pagination import PageQuery
from app.core.schemas import Input, NonBlankLine, Output, Text

Title = Annotated[NonBlankLine, Field(min_length=1, max_length=200)]
Note = Annotated[Text, Field(max_length=10_000)]


class ItemCreate(Input):
    title: Title
    note: Note | None = None


class ItemPatch(Input):
    """Only the fields that are sent change; a title cannot be taken away."""

    title: Title = Field(default_factory=str)  # a default of "" would be no title in the document
    note: Note | None = None


class ItemQuery(PageQuery):
    sort: Literal["-created_at", "created_at", "title", "-title"] = "-created_at"
    title: Title | None = Field(default=None, description="only items of exactly this title")


class ItemPublic(Output):
    id: UUID
    title: str
    note: str | None
    created_at: datetime

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import Input, Line, Output, Text

Title = Annotated[Line, Field(min_length=1, max_length=200)]
Note = Annotated[Text, Field(max_length=10_000)]


class ItemCreate(Input):
    title: Title
    note: Note | None = None


class ItemPatch(Input):
    """Only the fields that are sent change; a title cannot be taken away."""

    title: Title = ""
    note: Note | None = None


class ItemPublic(Output):
    id: UUID
    title: str
    note: str | None
    created_at: datetime

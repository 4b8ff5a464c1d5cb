"""What every table has in common. Import it before a table is declared: it names constraints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.core.clock import now
from app.core.ids import new_id

# A migration can only drop what has a name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


FILLED_WITH = "filled_with"


def filled_with(expression: str) -> dict[str, Any]:
    """Give a column's `info` that says, in SQL, what rows get that are older than the column.

    A migration that Alembic writes then fills them: see `migrations/env.py`.
    """
    return {FILLED_WITH: expression}


class Expiring(SQLModel):
    """A row that counts until a moment, and that `app db prune` may delete after."""

    expires_at: datetime = Field(index=True)


class Record(SQLModel):
    """A row with an identity. The key tells the order of creation, so lists sort by it."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=now)

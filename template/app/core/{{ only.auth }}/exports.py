"""What is stored of somebody, table by table: each feature declares its own.

export(Order, OrderPublic, owner="customer_id")    # in the dependencies of the feature
"""

from dataclasses import dataclass

from sqlmodel import SQLModel

from app.core.schemas import Output


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of a table that are one account's, and how they are shown to it."""

    table: type[SQLModel]
    shown: type[Output]
    owner: str

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)


EXPORTS: dict[str, Export] = {}
# Tables with rows of an account that are not shown to it, and why.
KEPT_BACK: dict[str, str] = {}


def export(table: type[SQLModel], shown: type[Output], *, owner: str) -> None:
    """Declare that `GET /users/me/export` has the rows whose column `owner` is the account's id."""
    declared = Export(table, shown, owner)
    EXPORTS[declared.name] = declared


def keep_back(table: type[SQLModel], *, because: str) -> None:
    """Declare that it has none of a table that refers to accounts."""
    KEPT_BACK[str(table.__tablename__)] = because

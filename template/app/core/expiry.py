"""Rows that have their day: a table that is `Expiring` loses them without further ado."""

from sqlalchemy import delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.clock import now
from app.core.models import Expiring


def expiring_tables() -> list[type[Expiring]]:
    """Give every table whose rows expire, of the models that were imported."""
    found, classes = [], list(Expiring.__subclasses__())
    while classes:
        model = classes.pop()
        classes += model.__subclasses__()
        if hasattr(model, "__table__"):
            found.append(model)
    return sorted(found, key=lambda model: str(model.__tablename__))


async def prune(session: AsyncSession) -> dict[str, int]:
    """Delete what has expired; give the number of rows by table."""
    counts = {}
    for model in expiring_tables():
        expired = delete(model).where(col(model.expires_at) < now())
        counts[str(model.__tablename__)] = (await session.exec(expired)).rowcount
    return counts

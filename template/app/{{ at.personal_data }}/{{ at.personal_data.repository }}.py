from collections.abc import Sequence
from uuid import UUID

from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.exports import Export


class PersonalDataRepository:
    """The rows of one account, in any table."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def rows(self, export: Export, account: UUID) -> Sequence[SQLModel]:
        owner = getattr(export.table, export.owner)
        return (await self.session.exec(select(export.table).where(owner == account))).all()

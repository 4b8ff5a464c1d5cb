# mypy: ignore-errors
from app.counter.models import Counter
from sqlmodel import update
from sqlmodel.ext.asyncio.session import AsyncSession


class CounterRepository:
    """Changes a counter in one statement, only where it has the version that a caller has seen."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def increment(self, counter, version: int) -> bool:
        statement = (
            update(Counter)
            .where(Counter.id == counter, Counter.version == version)
            .values(value=Counter.value + 1, version=version + 1)
        )
        return (await self.session.exec(statement)).rowcount == 1

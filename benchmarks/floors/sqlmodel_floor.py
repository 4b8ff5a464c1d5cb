"""The newest 20 rows, for anybody: async SQLModel with nothing that a service needs besides.

No authentication, no owner, no pages, no error format, no settings but DATABASE_URL.
"""

# mypy: disable-error-code="import-not-found, untyped-decorator, misc, call-arg, no-any-return"
# SQLModel is installed in the service's environment, not where this file is type-checked.

import os
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=20, max_overflow=0)
app = FastAPI()


class ItemPublic(SQLModel):
    id: UUID
    title: str
    note: str | None
    created_at: datetime


class Item(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    created_at: datetime
    owner_id: UUID
    title: str
    note: str | None


async def get_session() -> AsyncGenerator[AsyncSession]:
    async with AsyncSession(engine) as session:
        yield session


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/items", response_model=list[ItemPublic])
async def list_items(session: Annotated[AsyncSession, Depends(get_session)]) -> Sequence[Item]:
    return (await session.exec(select(Item).order_by(col(Item.id).desc()).limit(20))).all()

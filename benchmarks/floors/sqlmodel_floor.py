"""The newest 20 rows, and a new row, for anybody: async SQLModel with nothing that a service needs
besides.

No authentication, no owner, no pages, no error format, no settings but DATABASE_URL.
"""

# mypy: disable-error-code="import-not-found, untyped-decorator, misc, call-arg, no-any-return"
# SQLModel is installed in the service's environment, not where this file is type-checked.

import os
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

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


class ItemCreate(SQLModel):
    title: str
    note: str | None = None


class Item(SQLModel, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    owner_id: UUID
    title: str
    note: str | None


async def get_session() -> AsyncGenerator[AsyncSession]:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/items", response_model=list[ItemPublic])
async def list_items(session: SessionDep) -> Sequence[Item]:
    return (await session.exec(select(Item).order_by(col(Item.id).desc()).limit(20))).all()


@app.post("/items", response_model=ItemPublic, status_code=201)
async def create_item(new: ItemCreate, owner_id: UUID, session: SessionDep) -> Item:
    item = Item(owner_id=owner_id, title=new.title, note=new.note)
    session.add(item)
    await session.commit()
    return item

"""The newest 20 rows, for anybody: asyncpg and a Pydantic response, nothing in between."""

# mypy: disable-error-code="import-not-found, untyped-decorator, misc"
# asyncpg is installed in the service's environment, not where this file is type-checked.

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel

QUERY = "select id, title, note, created_at from item order by id desc limit 20"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    address = os.environ["DATABASE_URL"].replace("postgresql+asyncpg", "postgresql")
    async with asyncpg.create_pool(address, min_size=20, max_size=20) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


class ItemPublic(BaseModel):
    id: UUID
    title: str
    note: str | None
    created_at: datetime


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/items")
async def list_items() -> list[ItemPublic]:
    return [ItemPublic(**row) for row in await app.state.pool.fetch(QUERY)]

# mypy: ignore-errors
import asyncio
from datetime import UTC, datetime
from uuid import UUID

from app.core.db.session import SessionDep
from app.core.http.deprecation import deprecated
from app.core.http.etags import PreconditionFailed
from app.core.http.idempotency import OnceDep
from app.core.schemas import Output
from app.counter.models import Counter
from app.counter.repository import CounterRepository
from fastapi import APIRouter

router = APIRouter(prefix="/counters")


class CounterPublic(Output):
    id: UUID
    value: int


@router.post("", status_code=201)
async def make_counter(session: SessionDep, once: OnceDep) -> CounterPublic:
    async def make() -> CounterPublic:
        session.add(counter := Counter())
        await session.flush()
        return CounterPublic.model_validate(counter)

    return await once(CounterPublic, make)


@router.get("/slow")
async def read_slowly() -> None:
    await asyncio.sleep(30)


@router.get(
    "/old", **deprecated(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
)
async def read_old() -> None: ...


@router.get("/{counter_id}")
async def read_counter(counter_id: UUID, session: SessionDep) -> CounterPublic:
    return CounterPublic.model_validate(await session.get_one(Counter, counter_id))


@router.post("/{counter_id}/increments", status_code=204)
async def increment_counter(counter_id: UUID, version: int, session: SessionDep) -> None:
    if not await CounterRepository(session).increment(counter_id, version):
        raise PreconditionFailed("Somebody was faster.")

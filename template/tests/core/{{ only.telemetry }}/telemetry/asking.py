"""A request that asks the database and sends a job. Import this before the application."""

from fastapi import APIRouter
from sqlalchemy import literal
from sqlmodel import select

import app.features
from app.core.db.session import SessionDep
from app.core.feature import Feature
from app.worker.enqueue import EnqueueDep
from app.worker.payload import Payload
from app.worker.task import TaskContext, task

router = APIRouter()
app.features.FEATURES = (*app.features.FEATURES, Feature(router=__name__))


class Asked(Payload):
    task = "tests.asked"


@task(Asked)
async def answer(_: Asked, __: TaskContext) -> None: ...


@router.post("/asking/{secret}")
async def ask(secret: str, session: SessionDep, enqueue: EnqueueDep) -> str:
    enqueue(Asked())
    return (await session.exec(select(literal(secret)))).one()


@router.post("/failing/{secret}")
async def fail(secret: str, session: SessionDep) -> None:
    await session.exec(select(literal(1)))
    raise LookupError(secret)

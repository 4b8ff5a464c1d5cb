"""A request that is open when the process is told to end. Import this before the application."""

import asyncio

from fastapi import APIRouter, Request
from sqlalchemy import literal
from sqlmodel import select

import app.features
from app.core.db.session import SessionDep
from app.core.feature import Feature

router = APIRouter()
app.features.FEATURES = (*app.features.FEATURES, Feature(router=__name__))


@router.get("/slow")
async def slow(session: SessionDep, request: Request) -> int:
    """Begin before the signal, and ask the database when the server has stopped to listen."""
    drain = request.app.state.drain
    while not drain.is_on:  # noqa: ASYNC110, a signal sets no event
        await asyncio.sleep(0.02)
    await asyncio.sleep(drain.seconds + 2.5)
    return (await session.exec(select(literal(7)))).one()

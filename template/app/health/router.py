from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from app.core.errors import Unavailable, raises
from app.core.http.account import is_administrator
from app.core.http.health import LIVE, PREFIX
from app.health.checks import failing

router = APIRouter(prefix=PREFIX, tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class NotReady(Unavailable):
    code = "not_ready"


@router.get(LIVE)
async def live() -> Health:
    """Tell that the process answers; it asks nothing else: a restart cures nothing else."""
    return Health()


@router.get("/ready")
@raises(NotReady)
async def ready(request: Request) -> Health:
    """Tell whether requests can be served: everything that the service needs has answered, and it
    has not been told to end.
    """
    state = request.app.state
    if state.drain.is_on:
        raise NotReady("This process is about to end.")
    if failed := await failing(request.app):
        # What a service stands on is nothing for strangers. The log names it for everybody else.
        may_see = not state.settings.environment.is_exposed or is_administrator(request)
        what = ", ".join(failed) if may_see else "what it needs; the log names it"
        raise NotReady(f"Not answering: {what}.")
    return Health()

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from app.health.checks import run_checks

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/live")
async def live() -> Health:
    """Tell that the process answers; it asks nothing else: a restart cures nothing else."""
    return Health()


@router.get("/ready")
async def ready(request: Request) -> Health:
    """Tell whether requests can be served: everything that the service needs has answered."""
    await run_checks(request.app)
    return Health()

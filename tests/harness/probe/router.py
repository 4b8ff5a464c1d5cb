# mypy: ignore-errors
"""Routes that enqueue what they are told, as a service's own routes do."""

from typing import Any

from app.probe.tasks import PAYLOADS, Plain
from app.worker.enqueue import EnqueueDep
from app.worker.payload import Job
from fastapi import APIRouter, HTTPException, Request

router = APIRouter(prefix="/probe")


@router.post("/jobs", status_code=202)
async def enqueue_jobs(jobs: list[tuple[str, dict[str, Any]]], enqueue: EnqueueDep) -> None:
    """Enqueue jobs, a task's name and its payload each."""
    for task, payload in jobs:
        enqueue(PAYLOADS[task].model_validate(payload))


@router.post("/roll-back")
async def enqueue_and_roll_back(mark: str, enqueue: EnqueueDep) -> None:
    enqueue(Plain(mark=mark))
    raise HTTPException(409, "as asked")


@router.post("/unchecked")
async def enqueue_unchecked(payload: dict[str, Any], enqueue: EnqueueDep) -> str:
    """Enqueue a payload that nobody has checked; say what is raised."""
    try:
        enqueue(Plain.model_construct(**payload))
    except ValueError as error:
        return type(error).__name__
    return ""


@router.post("/raw", status_code=202)
async def send_raw(messages: list[tuple[str, Any]], request: Request) -> list[str]:
    """Send messages as another release may have sent them; give the ids of their jobs."""
    jobs = [Job(task, payload) for task, payload in messages]
    for job in jobs:
        await request.app.state.queue.send(job)
    return [job.id for job in jobs]

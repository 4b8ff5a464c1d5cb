"""What the service needs to be ready, asked in parallel and with a time limit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI

logger = logging.getLogger(__name__)


def checks_of(app: FastAPI) -> dict[str, Callable[[], Awaitable[None]]]:
    """Name what is asked, and the setting behind it. A check answers, or it raises."""
    return {"database (DATABASE_URL)": app.state.database.ping, **app.state.queue.checks}


async def failing(app: FastAPI) -> list[str]:
    """Ask everything at once; name what does not answer within READY_TIMEOUT seconds, or badly."""
    checks = checks_of(app)
    limit = app.state.settings.ready_timeout
    results = await asyncio.gather(
        *(asyncio.wait_for(check(), limit) for check in checks.values()), return_exceptions=True
    )
    failed = {
        name: result
        for name, result in zip(checks, results, strict=True)
        if isinstance(result, Exception)
    }
    for name, error in failed.items():
        logger.warning("Not ready: %s does not answer: %s", name, str(error) or repr(error))
    return list(failed)

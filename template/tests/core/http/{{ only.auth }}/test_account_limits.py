from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from tests.accounts import bearer


@pytest.fixture
def app(build: Callable[..., FastAPI]) -> FastAPI:
    """Give an application that answers 2 requests of an account in a minute, and no more."""
    return build(rate_limit_account="2/minute")


def holder(app: FastAPI) -> dict[str, str]:
    return bearer(app.state.settings, uuid4())


async def asked(app: FastAPI, times: int, headers: dict[str, str]) -> list[int]:
    """Ask from another address each time; give the answers' statuses."""
    found = []
    for _ in range(times):
        transport = ASGITransport(app, client=(f"address-{uuid4()}", 1))
        async with AsyncClient(transport=transport, base_url="http://test") as client:
            found.append((await client.get("/nowhere", headers=headers)).status_code)
    return found


async def test_an_account_is_counted_wherever_it_asks_from(app: FastAPI) -> None:
    assert await asked(app, 3, holder(app)) == [404, 404, 429]
    assert await asked(app, 1, holder(app)) == [404]


async def test_a_token_that_is_not_valid_counts_for_nobody(app: FastAPI) -> None:
    assert await asked(app, 4, {"Authorization": "Bearer made.up.token"}) == [404] * 4

import socket
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.core.http.rate_storage import open_rate_storage
from app.core.settings import Settings


async def test_processes_count_together(build: Callable[..., FastAPI], settings: Settings) -> None:
    answers = []
    for _ in range(2):
        app = build(rate_limit_address="1/minute")
        async with open_rate_storage(settings) as app.state.rate_storage:
            transport = ASGITransport(app, client=("together", 1))
            async with AsyncClient(transport=transport, base_url="http://test") as client:
                answers.append((await client.get("/nowhere")).status_code)
    assert answers == [404, 429]


async def test_where_nobody_can_count_requests_pass(
    build: Callable[..., FastAPI], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = SecretStr(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
    gone = settings.model_copy(update={"broker_url": url})
    app = build(rate_limit_address="1/minute")
    async with (
        open_rate_storage(gone) as app.state.rate_storage,
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        answers = [(await client.get("/nowhere")).status_code for _ in range(3)]
    assert answers == [404] * 3
    assert "not counted" in caplog.text

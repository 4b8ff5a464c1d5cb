"""The end of a process: `app serve` and SIGTERM."""

import asyncio
import json
import signal
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from app.core.settings.server import Environment, ServerSettings
from tests.core.serving import serving, until

pytestmark = pytest.mark.usefixtures("environment_apart")

DRAIN = 3  # seconds: enough to look at it on a busy machine


async def test_what_is_open_ends_while_readiness_says_no(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_DRAIN", str(DRAIN))
    monkeypatch.setenv("SERVER_GRACE", "60")
    async with (
        serving(tmp_path / "log", modules="tests.core.http.slow") as served,
        AsyncClient(base_url=served.url, timeout=60) as client,
    ):
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.headers.get("Connection")) == (200, None)
        slow = asyncio.create_task(client.get("/api/v1/slow"))
        await asyncio.sleep(0.5)
        served.process.send_signal(signal.SIGTERM)
        await until(lambda: "Told to end" in served.said())

        refused = await client.get("/health/ready")
        assert (refused.status_code, refused.json()["code"]) == (503, "not_ready")
        assert refused.headers["Connection"] == "close"
        # It still serves: who has not noticed is not refused.
        assert (await client.get("/health/live")).status_code == 200

        answer: Response = await slow
        assert (answer.status_code, answer.json()) == (200, 7)
        assert answer.headers["Connection"] == "close"
        assert await asyncio.wait_for(served.process.wait(), 60) in {0, -signal.SIGTERM}
    assert "Application shutdown complete" in served.said()
    assert "Cancel " not in served.said()


async def test_who_is_told_twice_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_DRAIN", "600")
    async with serving(tmp_path / "log") as served:
        served.process.send_signal(signal.SIGTERM)
        await until(lambda: "Told to end" in served.said())
        served.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(served.process.wait(), 60) in {0, -signal.SIGTERM}
    assert "Application shutdown complete" in served.said()


async def test_the_log_of_a_process_is_json_from_its_first_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "staging")
    monkeypatch.setenv("ALLOWED_HOSTS", "api.example.com")
    monkeypatch.setenv("SERVER_DRAIN", "0.5")
    async with serving(tmp_path / "log", "--workers", "2") as served:
        await until(lambda: served.said().count("Application startup complete") == 2)
        async with AsyncClient(base_url=served.url) as client:
            await client.get("/nowhere", headers={"Host": "api.example.com"})
        served.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(served.process.wait(), 60) in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in served.said().splitlines()]
    said = [line["event"] for line in lines]
    assert len([text for text in said if text.startswith("Told to end")]) == 2
    assert said.count("Application shutdown complete.") == 2
    (request,) = [line for line in lines if "route" in line]
    assert (request["status"], request["method"]) == (404, "GET")


@pytest.mark.parametrize(
    ("environment", "said", "seconds"),
    [
        (Environment.PRODUCTION, None, 5),
        (Environment.STAGING, None, 5),
        (Environment.DEVELOPMENT, None, 0),
        (Environment.PRODUCTION, 12, 12),
    ],
)
def test_nobody_waits_where_no_load_balancer_looks(
    environment: Environment, said: float | None, seconds: float
) -> None:
    assert ServerSettings(environment=environment, server_drain=said).drain == seconds


async def test_no_connection_is_closed_before(app: FastAPI, client: AsyncClient) -> None:
    assert "Connection" not in (await client.get("/health/live")).headers
    assert not app.state.drain.is_on

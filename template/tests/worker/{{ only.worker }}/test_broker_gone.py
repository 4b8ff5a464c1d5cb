"""Where the broker is gone, requests answer by their own rules, and readiness says why not."""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.core.db.session import Database
from app.core.settings import Settings
from app.worker.broker import Queue
from app.worker.enqueue import EnqueueDep
from app.worker.lifespan import open_queue
from app.worker.payload import Job
from app.worker.queue import QueueError
from tests.worker.probe import Probe


@pytest.fixture
async def gone(app: FastAPI, settings: Settings, database: Database) -> AsyncGenerator[Queue]:
    """Point the application to a port where nothing listens."""
    url = urlsplit(settings.broker_url.get_secret_value())._replace(netloc="127.0.0.1:1")
    nowhere = settings.model_copy(update={"broker_url": SecretStr(url.geturl())})
    async with open_queue(nowhere, database) as queue:
        app.state.queue = queue
        yield queue


@pytest.mark.usefixtures("probe", "gone")
async def test_a_request_is_answered_and_the_log_names_the_job(
    app: FastAPI, client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.post("/probes")
    async def enqueue_probe(enqueue: EnqueueDep) -> None:
        enqueue(Probe(note="secret"))

    assert (await client.post("/probes")).status_code == 200
    (line,) = [record.message for record in caplog.records if "tests.probe" in record.message]
    assert line.startswith("Lost the job ")
    assert "BROKER_URL" in line
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("gone")
async def test_a_broker_that_is_gone_is_named(client: AsyncClient) -> None:
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Not answering: broker (BROKER_URL)."
    assert (await client.get("/health/live")).status_code == 200


async def test_whoever_asks_is_told_where_to_look(gone: Queue) -> None:
    for call in (gone.send(Job.of(Probe())), gone.aside(), gone.worker_answers()):
        with pytest.raises(QueueError, match="BROKER_URL"):
            await call

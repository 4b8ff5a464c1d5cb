import asyncio
import logging
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
import sentry_sdk
from fastapi import FastAPI
from httpx2 import AsyncClient
from pydantic import SecretStr

from app.core.ids import new_id
from app.core.observability.reports import report_errors
from app.core.observability.subject import about
from app.core.settings import Settings
from app.core.settings.base import SettingsError, load
from app.core.settings.sentry import SentrySettings
from tests.core.observability.ingest import Ingest, ingest

ROOT = Path(__file__).parents[3]
LOADED = "import app.asgi, sys; print('sentry_sdk' in sys.modules)"
# A server that is told to end once it serves, and whose last step is an error.
ENDING = """
import logging, signal, threading, time, uvicorn
from app.core.db.session import Database

async def close(self):
    logging.getLogger("app.tests").error("Last words")

def end():
    while not server.started:
        time.sleep(0.01)
    signal.raise_signal(signal.SIGTERM)

Database.close = close
server = uvicorn.Server(uvicorn.Config("app.asgi:app", port=0, log_config=None))
threading.Thread(target=end).start()
server.run()
"""


@pytest.fixture
def sentry(settings: Settings) -> Generator[Ingest]:
    """Have this process report to a Sentry of the test."""
    with ingest() as taken:
        report_errors(settings.model_copy(update={"sentry_dsn": SecretStr(taken.dsn)}))
        yield taken
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)


async def test_what_nobody_expected_is_reported_with_the_name_of_its_request(
    app: FastAPI, client: AsyncClient, sentry: Ingest
) -> None:
    secret = new_id().hex

    @app.get("/broken")
    async def broken() -> None:
        note = secret
        raise LookupError(len(note))

    headers = {"X-Secret": secret, "Cookie": f"a={secret}"}
    answer = await client.get(f"/broken?token={secret}", headers=headers)
    await asyncio.to_thread(sentry_sdk.flush, 10)
    (event,) = sentry.events
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("LookupError", "32")
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    assert event["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert event["environment"] == "test"
    assert secret not in str(event)


async def test_a_report_says_of_nobody_who_they_are(sentry: Ingest) -> None:
    with about(user_id="7", task="tests.probe"):
        try:
            raise ValueError("refused\nDETAIL:  Key (phone)=(555-0199) exists.")
        except ValueError:
            held = {"phone": "555-0199", "orders": [{"password": "swordfish"}]}
            logging.getLogger("app.tests").exception("Failed", extra={"held": held})
    await asyncio.to_thread(sentry_sdk.flush, 10)
    (event,) = sentry.events
    assert event["user"] == {"id": "7"}
    assert event["tags"]["task"] == "tests.probe"
    assert event["exception"]["values"][0]["value"] == "refused\nDETAIL: [redacted]"
    assert event["extra"]["held"] == {
        "phone": "[redacted]",
        "orders": [{"password": "[redacted]"}],
    }


async def test_what_is_no_error_is_not_reported(client: AsyncClient, sentry: Ingest) -> None:
    logging.getLogger("app.tests").warning("Late")
    await client.get("/nowhere")
    await asyncio.to_thread(sentry_sdk.flush, 10)
    assert sentry.events == []


@pytest.mark.parametrize(("dsn", "is_loaded"), [("", False), ("http://a@127.0.0.1:1/7", True)])
@pytest.mark.usefixtures("environment")
async def test_it_is_loaded_only_where_it_has_an_address(
    monkeypatch: pytest.MonkeyPatch, dsn: str, is_loaded: bool
) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOADED), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert (process.returncode, output.decode().strip()) == (0, str(is_loaded))


@pytest.mark.usefixtures("environment")
async def test_the_last_words_of_a_server_that_a_signal_ends_are_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ingest() as taken:
        monkeypatch.setenv("SENTRY_DSN", taken.dsn)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", ENDING, cwd=ROOT)
        assert await process.wait() == -signal.SIGTERM
    assert [event["logentry"]["message"] for event in taken.events] == ["Last words"]


@pytest.mark.parametrize(
    "dsn",
    [
        *("sentry.example.com/7", "https://sentry.example.com/7", "https://key@sentry.example.com"),
        *("htps://key@sentry.example.com/7", "https://key@sentry.example.com/seven", "key"),
    ],
)
def test_a_typo_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, dsn: str
) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)
    with pytest.raises(SettingsError, match=r"SENTRY_DSN must be https://KEY@HOST/PROJECT") as told:
        load(SentrySettings)
    assert dsn not in str(told.value)


@pytest.mark.parametrize(
    "dsn", ["https://key@o1.ingest.sentry.io/7", "http://k:s@10.0.0.7:9000/a/7"]
)
def test_what_sentry_gives_is_taken(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)
    assert load(SentrySettings).sentry_dsn.get_secret_value() == dsn

"""What a server says of itself by OpenTelemetry, and what it does where nobody takes it."""

import asyncio
import re
import signal
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from app.core import about
from app.core.ids import new_id
from tests.collector import Collected, collecting
from tests.core.serving import Served, serving, until

# The queue is emptied at the end: what is asked sends a job.
pytestmark = pytest.mark.usefixtures("environment_apart", "queue")

ASKING = "tests.core.telemetry.asking"
# What a server measures, as OTLP and Prometheus name it.
MEASURED = {
    "http.server.request.duration": "http_server_request_duration_seconds_bucket",
    "http.server.active_requests": "http_server_active_requests",
    "db.client.connection.count": "db_client_connection_count",
    "db.client.connection.max": "db_client_connection_max",
    "db.client.connection.pending_requests": "db_client_connection_pending_requests",
    "queue.depth": "queue_depth",
    "build.info": "build_info",
}


def send_to(
    monkeypatch: pytest.MonkeyPatch, collected: Collected | None = None, **others: str
) -> None:
    """Have the servers of a test send to its collector, soon and without patience."""
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collected.url if collected else "http://127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0.5",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_METRIC_EXPORT_INTERVAL": "300",
        "OTEL_SERVICE_NAME": "",
        **others,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


async def end(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(served.process.wait(), 30) in {0, -signal.SIGTERM}
    assert "Application shutdown complete" in served.said()


async def test_a_request_and_its_statements_are_one_trace_and_tell_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret, trace_id, caller = new_id().hex, new_id().hex, "00f067aa0ba902b7"
    with collecting() as collected:
        send_to(monkeypatch, collected)
        headers = {"traceparent": f"00-{trace_id}-{caller}-01", "X-Secret": secret}
        async with (
            serving(tmp_path / "log", modules=ASKING) as served,
            AsyncClient(base_url=served.url, headers=headers) as client,
        ):
            for path in ("asking", "failing"):
                await client.post(f"/api/v1/{path}/{secret}?token={secret}")
            await client.get("/health/ready")
            await end(served)
    ours = [span for span in collected.spans if span["resource"]["service.name"] == about.NAME]
    requests = {span["name"]: span for span in ours if span["kind"] == "SERVER"}
    assert set(requests) == {"POST /api/v1/asking/{secret}", "POST /api/v1/failing/{secret}"}
    statements = [span for span in ours if span["attributes"].get("db.operation.name") == "SELECT"]
    assert {collected.parents(span)[0] for span in statements} >= set(requests)
    assert requests["POST /api/v1/failing/{secret}"]["attributes"]["error.type"] == "500"
    assert secret not in str(collected.spans)
    assert {span["trace_id"] for span in requests.values()} == {trace_id}
    assert f"trace_id={trace_id}" in served.said()


async def test_what_is_measured_has_the_same_names_by_both_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with collecting() as collected:
        send_to(monkeypatch, collected, OTEL_METRICS_EXPORTER="otlp,prometheus")
        async with (
            serving(tmp_path / "log") as served,
            AsyncClient(base_url=served.url) as client,
        ):
            await client.get("/nowhere")
            await client.get("/health/live")
            found = re.search(r"Prometheus: (http://\S+)", served.said())
            assert found is not None
            text = (await client.get(found[1])).text
            await end(served)
    assert set(MEASURED) <= collected.names()
    shown = {re.split(r"[ {]", line)[0] for line in text.splitlines() if line[0] != "#"}
    assert set(MEASURED.values()) <= shown
    assert "/health" not in text + str(collected.metrics)


async def test_latencies_name_traces_and_so_do_lines_where_they_are_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret, trace_id = new_id().hex, new_id().hex
    with collecting() as collected:
        for exporter in ("none", "otlp"):
            send_to(monkeypatch, collected, OTEL_LOGS_EXPORTER=exporter)
            headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
            async with (
                serving(tmp_path / exporter, modules=ASKING) as served,
                AsyncClient(base_url=served.url, headers=headers) as client,
            ):
                assert collected.records == []
                await client.post(f"/api/v1/asking/{secret}")
                await end(served)
    (line,) = [each for each in collected.records if each["body"].startswith("POST ")]
    assert line["body"] == "POST /api/v1/asking/{secret}: 200"
    assert line["trace_id"] == trace_id
    assert line["resource"]["service.name"] == about.NAME
    assert (line["severity"], line["attributes"]["status"]) == ("info", 200)
    assert secret not in str(collected.records)
    assert line["body"] in served.said()
    latencies = [each for each in collected.metrics if each["name"].endswith("request.duration")]
    assert any("exemplars {" in each["all"] for each in latencies)


async def test_processes_of_one_machine_take_the_next_port_each(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send_to(monkeypatch, OTEL_METRICS_EXPORTER="prometheus", OTEL_TRACES_EXPORTER="none")
    async with serving(tmp_path / "log", "--workers", "2") as served:
        await until(lambda: len(ports_of(served)) == 2)
        assert len(set(ports_of(served))) == 2
        async with AsyncClient() as client:
            for port in ports_of(served):
                answer = await client.get(f"http://127.0.0.1:{port}/metrics")
                assert "build_info" in answer.text


def ports_of(served: Served) -> list[str]:
    return re.findall(r"Prometheus: http://127\.0\.0\.1:(\d+)/metrics", served.said())


async def test_a_collector_that_hangs_is_told_of_once_holds_nobody_up_and_may_come_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with collecting() as collected:
        collected.answers.clear()
        send_to(monkeypatch, collected)
        async with (
            serving(tmp_path / "log", modules=ASKING) as served,
            AsyncClient(base_url=served.url) as client,
        ):
            await until(lambda: "takes no telemetry" in served.said())
            for _ in range(3):
                assert (await client.post("/api/v1/asking/x")).json() == "x"
                await asyncio.sleep(0.7)  # longer than a batch waits
            assert served.said().count("takes no telemetry") == 1
            collected.answers.set()
            await until(lambda: "takes telemetry again" in served.said())
            assert served.said().count("opentelemetry") == 0
            collected.answers.clear()
            await end(served)


async def test_a_process_that_ends_leaves_a_collector_that_hangs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with collecting() as collected:
        collected.answers.clear()
        send_to(monkeypatch, collected, OTEL_EXPORTER_OTLP_TIMEOUT="60")
        async with (
            serving(tmp_path / "log", modules=ASKING) as served,
            AsyncClient(base_url=served.url) as client,
        ):
            assert (await client.post("/api/v1/asking/x")).json() == "x"
            await asyncio.sleep(0.7)  # longer than a batch waits
            await end(served)


async def test_without_a_collector_requests_are_served_and_the_log_says_it_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    send_to(monkeypatch)
    async with (
        serving(tmp_path / "log", modules=ASKING) as served,
        AsyncClient(base_url=served.url) as client,
    ):
        await until(lambda: "takes no telemetry" in served.said())
        assert (await client.post("/api/v1/asking/x")).json() == "x"
        await asyncio.sleep(1.5)
        assert served.said().count("takes no telemetry") == 1
        await end(served)


@pytest.mark.parametrize(
    "variables",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_SDK_DISABLED": "true"},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"},
    ],
)
async def test_where_nothing_is_sent_nothing_is_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str]
) -> None:
    send_to(monkeypatch, None, **variables)
    modules = "tests.core.telemetry.loaded"
    async with serving(tmp_path / "log", modules=modules) as served, AsyncClient() as client:
        assert (await client.get(f"{served.url}/api/v1/loaded")).json() == []
        assert served.said().count("No telemetry") == 1

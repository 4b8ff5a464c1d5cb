"""Telemetry as a collector sees it: one trace from a request to its task, through two brokers."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.harness import mail, telemetry
from tests.harness.background import background_work, end, telling
from tests.harness.service import Service, broker_for, database_for
from tests.harness.variants import Variant, backend_variants, broker_of, render, with_answer

NAME = "harbour-desk"
SECRET = "swordfish"
REQUEST, TASK = "POST /api/v1/users", "process users.send_welcome_mail"
NOT_TAKEN = "takes no telemetry"
# A job's trace goes through Redis and through RabbitMQ.
CARRIED = [
    with_answer(each, "telemetry", True)
    for each in backend_variants()
    if (each["tasks"], broker_of(each)) in {("arq", "redis"), ("celery", "rabbitmq")}
]


@contextmanager
def installed(variant: Variant, folder: Path, template: Path) -> Iterator[Service]:
    """Install a service as production does, with a database and a queue of its own."""
    answers = {"project_name": "Harbour Desk"} | variant.data()
    path = render(answers, folder / NAME, template)
    with database_for(variant, folder / "data") as url, broker_for(variant) as broker:
        service = Service(path, url, broker)
        service.run("uv", "sync", "--quiet", "--no-dev")
        service.env["UV_NO_DEV"] = "1"
        service.run("uv", "run", "app", "db", "upgrade")
        yield service


@pytest.mark.parametrize(
    "carried",
    [
        pytest.param(each, id=str(each["tasks"]), marks=pytest.mark.needs(broker_of(each)))
        for each in CARRIED
    ],
)
def test_one_trace_has_the_request_its_statements_its_task_and_the_statements_of_that(
    carried: Variant, template: Path, tmp_path: Path
) -> None:
    with installed(carried, tmp_path, template) as service:
        with telemetry.collector(service) as collector:
            service.env |= telemetry.sending(collector.port)
            with (
                service.serving() as (address, server),
                telling(server),
                background_work(service),
            ):
                trace_id = register(address, server.log)
                spans = telemetry.eventually(lambda: whole(collector.spans(trace_id)))
                telemetry.eventually(
                    lambda: (
                        collector.measured(NAME) >= telemetry.OF_SERVERS
                        and collector.measured(f"{NAME}-worker") >= telemetry.OF_WORKERS
                    )
                )
                work = (server.log.parent / "worker.log").read_text()
        assert re.search(rf"Done: users\.send_welcome_mail .*trace_id={trace_id}", work)
        statements = [span for span in spans.values() if "db.query.text" in span["attributes"]]
        inside = {tuple(telemetry.ancestors(span, spans)) for span in statements}
        assert inside == {(REQUEST,), (TASK, REQUEST)}
        (task,) = [span for span in spans.values() if span["name"] == TASK]
        assert task["attributes"]["messaging.system"] == carried["tasks"]
        assert SECRET not in collector.file.read_text()
        if carried["tasks"] == "arq":
            check_that_nobody_waits_for_a_collector(service)


def register(address: str, log: Path) -> str:
    """Register somebody, with secrets where a client may put them; give the trace of the log."""
    account = {"email": f"{SECRET}@example.com", "password": secrets.token_urlsafe(24)}
    headers = {"X-Token": SECRET, "User-Agent": SECRET}
    url = f"{address}/api/v1/users?token={SECRET}"
    assert httpx2.post(url, json=account, headers=headers, timeout=20).status_code == 202
    found = telemetry.eventually(
        lambda: re.search(r"POST /api/v1/users: 202.*trace_id=([0-9a-f]{32})", log.read_text())
    )
    return found[1]


def whole(spans: dict[str, telemetry.Record]) -> dict[str, telemetry.Record] | None:
    """Give a trace where both ends of it have come: each comes from a process of its own."""
    return spans if {REQUEST, TASK} <= {span["name"] for span in spans.values()} else None


def check_that_nobody_waits_for_a_collector(service: Service) -> None:
    """Serve beside a collector that hangs, and beside none: it is said once, and nobody waits."""
    with telemetry.collector(service, hangs=True) as collector:
        for port in (collector.port, 1):
            service.env |= telemetry.sending(port)
            with service.serving() as (address, server), telling(server):
                telemetry.eventually(lambda: NOT_TAKEN in server.output())
                for _ in range(3):
                    mail.register(address)
                    time.sleep(0.7)  # two batches of metrics, and one of spans
                assert server.output().count(NOT_TAKEN) == 1
                end(server, seconds=10)

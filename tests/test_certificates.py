"""Certificates that have expired: a service starts all the same, says so, and needs no restart."""

import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
import trustme

from tests.harness import mail, servers
from tests.harness.lines import Line, over_a_line
from tests.harness.service import Service, broker_for, database_for
from tests.harness.storms import API
from tests.harness.variants import all_variants, broker_of, render

pytestmark = pytest.mark.needs("redis")
HOST = "127.0.0.1"
BACK_WITHIN = 5.0  # seconds
SAID = "certificate has expired"


@dataclass(frozen=True)
class Encrypted:
    """A service whose servers are reached over TLS, with certificates that a test changes."""

    service: Service
    inbox: mail.Inbox
    database: Line
    broker: Line
    post: Line
    good: ssl.SSLContext


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def encrypted(template: Path, tmp_path: Path) -> Iterator[Encrypted]:
    """Render and install a service; every certificate has expired."""
    authority, now = trustme.CA(), datetime.now(UTC)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    yesterday, long_ago = now - timedelta(days=1), now - timedelta(days=90)
    expired = context_of(authority.issue_cert(HOST, not_before=long_ago, not_after=yesterday))
    wanted = {"example": True, "database": "postgres", "auth": "jwt", "tasks": "arq"}
    variant = next(each for each in all_variants() if wanted.items() <= dict(each.answers).items())
    path = render(variant.data(), tmp_path / "service", template)
    with ExitStack() as stack:
        url = stack.enter_context(database_for(variant, tmp_path))
        broker = stack.enter_context(broker_for(variant))
        smtp, inbox = stack.enter_context(mail.smtp_server())
        assert broker is not None
        assert broker_of(variant) == "redis"
        in_the_clear = Service(path, url, broker)
        in_the_clear.run("uv", "sync", "--quiet")
        in_the_clear.run("uv", "run", "app", "db", "upgrade")
        database_url, database = stack.enter_context(over_a_line(url))
        broker_url, broker_line = stack.enter_context(over_a_line(broker.url))
        smtp_url, post = stack.enter_context(over_a_line(smtp))
        service = Service(
            path,
            f"{database_url}?ssl=verify-full",
            servers.Broker(broker_url.replace("redis:", "rediss:"), broker.queue),
        )
        service.env |= {
            "SMTP_URL": smtp_url.replace("smtp:", "smtps:"),
            "SSL_CERT_FILE": str(tmp_path / "authority.pem"),
            "PGSSLROOTCERT": str(tmp_path / "authority.pem"),
        }
        for line in (database, broker_line, post):
            line.certificate = expired
        good = context_of(authority.issue_cert(HOST))
        yield Encrypted(service, inbox, database, broker_line, post, good)


def wait_for(address: str, path: str, status: int) -> None:
    """Ask until the answer is what it has to be."""
    end = time.monotonic() + BACK_WITHIN
    while (answer := httpx2.get(f"{address}{path}", timeout=10)).status_code != status:
        assert time.monotonic() < end, (path, answer.status_code, answer.text)
        time.sleep(0.2)


def test_a_service_starts_on_them_and_is_well_when_they_are_renewed(encrypted: Encrypted) -> None:
    service = encrypted.service
    account = {"username": "nobody@example.com", "password": "salt wind and tar 41"}
    with service.serving() as (address, server):
        failed = httpx2.post(f"{address}{API}/auth/token", data=account, timeout=10)
        assert failed.status_code == 503
        assert failed.headers["Content-Type"] == "application/problem+json"
        ready = httpx2.get(f"{address}/health/ready", timeout=10)
        assert ready.status_code == 503
        assert {"database", "broker"} <= set(ready.text.replace('"', " ").split())
        assert server.output().count(SAID) >= 2, server.output()

        encrypted.database.certificate = encrypted.broker.certificate = encrypted.good
        wait_for(address, "/health/ready", 200)
        with service.working() as worker:
            email = mail.register(address)
            end = time.monotonic() + 30
            while SAID not in worker.output():
                assert time.monotonic() < end, worker.output()
                time.sleep(0.2)
            encrypted.post.certificate = encrypted.good
            mail.expect(encrypted.inbox, email, seconds=60)

"""Each variant, as its owner meets it: generated, installed, migrated, tested, served, ended."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.harness import mail, proof
from tests.harness.background import background_work, check_that_mail_waits, end, telling
from tests.harness.blackbox import BlackBox
from tests.harness.service import Service, broker_for, database_for
from tests.harness.variants import IDENTITY, Variant, fingerprint, render


@contextmanager
def step(name: str, taken: dict[str, float]) -> Iterator[None]:
    """Name a part of the test: its time when it went well, its name when it did not."""
    begin = time.monotonic()
    try:
        yield
    except BaseException as error:
        error.add_note(f"(while: {name})")
        raise
    taken[name] = round(time.monotonic() - begin, 1)
    print(f"{name}: {taken[name]} s")


def test_variant(
    variant: Variant, tmp_path: Path, worker_id: str, request: pytest.FixtureRequest
) -> None:
    taken: dict[str, float] = {}
    with step("generate", taken):
        path = render(IDENTITY | variant.data(), tmp_path / "harbour-desk")
        answers = yaml.safe_load((path / ".copier-answers.yml").read_text(encoding="utf-8"))
        assert {name: answers[name] for name in variant.data()} == variant.data()

    sum_of_tree = fingerprint(path)
    if request.config.getoption("proof") and (before := proof.passed(variant, sum_of_tree)):
        pytest.skip(f"passed on {before.date} with the same tree and tests")

    with (
        database_for(variant, tmp_path / "data") as url,
        broker_for(variant) as broker,
        proof.recorded(variant, sum_of_tree, taken) as record,
    ):
        service = Service(path, url, worker_id, broker)
        with step("install", taken):
            service.run("uv", "sync")
            record.versions = service.versions()
        with step("migrate up, down, up", taken):
            service.run("uv", "run", "app", "db", "upgrade")
            service.run("uv", "run", "alembic", "downgrade", "base")
            service.run("uv", "run", "alembic", "upgrade", "head")
        with step("no drift between models and migrations", taken):
            service.run("uv", "run", "alembic", "check")
        with step("its own make lint", taken):
            service.run("make", "lint")
        with step("its own make test", taken):
            service.run("make", "test")
        has_mail = variant["auth"] == "jwt"
        with (
            step("serve and answer", taken),
            service.serving() as (address, server),
            telling(server),
        ):
            with background_work(service):
                assert BlackBox(address, variant, service.make_admin).run() > 10
                if has_mail:
                    mail.expect(mail.files(path), mail.register(address))
            if has_mail and broker:
                check_that_mail_waits(service, address)
            end(server, seconds=10)

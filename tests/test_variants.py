"""Each variant, as its owner meets it: generated, installed, migrated, tested, served, ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.harness import mail, memo, proof
from tests.harness.background import background_work, check_that_mail_waits, end, telling
from tests.harness.blackbox import BlackBox
from tests.harness.resolving import lock
from tests.harness.service import Service, broker_for, database_for
from tests.harness.sums import fingerprint
from tests.harness.variants import Variant, render


class Steps:
    """The parts of the test: the time of each that went well, the name of one that did not."""

    def __init__(self, record_property: Callable[[str, object], None]) -> None:
        self.taken: dict[str, float] = {}
        self.record = record_property
        self.record("steps", self.taken)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        except BaseException as error:
            self.record("failed_in", name)
            error.add_note(f"(while: {name})")
            raise
        self.taken[name] = round(time.monotonic() - begin, 1)


@pytest.fixture(scope="session")
def inputs(template: Path) -> str:
    """What the template renders from, summed up once: it is a copy, and does not change."""
    return memo.inputs_of(template)


def test_variant(
    variant: Variant,
    template: Path,
    inputs: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    step = Steps(record_property)
    takes_results = not request.config.getoption("no_cache")
    with step("resolve"):
        known = memo.recall(variant, inputs, tmp_path / "recalled") if takes_results else None
    before = proof.passed(variant, known) if known else None
    if before is None:
        with step("generate"):
            path = render(variant.data(), tmp_path / "harbour-desk", template)
            answers = yaml.safe_load((path / ".copier-answers.yml").read_text(encoding="utf-8"))
            assert {name: answers[name] for name in variant.data()} == variant.data()
            memo.remember(variant, inputs, path)
        with step("resolve"):
            lock(path)
        sum_of_tree = fingerprint(path)
        before = proof.passed(variant, sum_of_tree) if takes_results else None
    if before is not None:
        record_property("cached", before.date)
        step.taken |= before.steps
        return

    with (
        database_for(variant, tmp_path / "data") as url,
        broker_for(variant) as broker,
        proof.recorded(variant, sum_of_tree, step.taken) as record,
    ):
        service = Service(path, url, broker)
        with step("install"):
            service.run("uv", "sync")
            record.versions = service.versions()
        with step("migrate up, down, up"):
            service.run("uv", "run", "app", "db", "upgrade")
            service.run("uv", "run", "alembic", "downgrade", "base")
            service.run("uv", "run", "alembic", "upgrade", "head")
        with step("no drift between models and migrations"):
            service.run("uv", "run", "alembic", "check")
        with step("its own make lint"):
            service.run("make", "lint")
        with step("its own make test"):
            service.run("make", "test")
        has_mail = variant["auth"] == "jwt"
        with (
            step("serve and answer"),
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

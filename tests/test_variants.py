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
from tests.harness.variants import Variant, render, with_own_tests

# A step that only a proof takes: Schemathesis asks ten times as much as in the service's own tests.
LONG_CONTRACT, EXAMPLES = "its contract, 200 examples", "200"
# Steps that `make test` takes where they show something of an answer that no other variant showed.
LINT = "its own make lint"
ANSWERS = "serve and answer"


def runs_all_steps(config: pytest.Config) -> bool:
    """Tell whether variants were asked for: by `drydock variants --run`, and so by CI."""
    return bool(config.getoption("strength") or config.getoption("only"))


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
    is_proof = request.config.getoption("proof")
    tests_itself = is_proof or runs_all_steps(request.config) or variant in with_own_tests()
    farthest = LONG_CONTRACT if is_proof else LINT if tests_itself else ANSWERS

    def passed(tree: str | None) -> proof.Record | None:
        record = proof.passed(variant, tree) if tree and takes_results else None
        return record if record and farthest in record.steps else None

    with step("resolve"):
        known = memo.recall(variant, inputs, tmp_path / "recalled") if takes_results else None
    before = passed(known)
    if before is None:
        with step("generate"):
            path = render(variant.data(), tmp_path / "harbour-desk", template)
            answers = yaml.safe_load((path / ".copier-answers.yml").read_text(encoding="utf-8"))
            assert {name: answers[name] for name in variant.data()} == variant.data()
            memo.remember(variant, inputs, path)
        with step("resolve"):
            lock(path)
        sum_of_tree = fingerprint(path)
        before = passed(sum_of_tree)
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
        if tests_itself:
            with step(LINT):
                service.run("make", "lint")
            # Where no worker's processes are measured, coverage costs little.
            tests = "coverage" if is_proof or variant["tasks"] == "none" else "test"
            with step(f"its own make {tests}"):
                service.run("make", tests)
        if is_proof:
            with step(LONG_CONTRACT):
                service.env["CONTRACT_EXAMPLES"] = EXAMPLES
                service.run("uv", "run", "pytest", "-q", "tests/contract")
        has_mail = variant["auth"] == "jwt"
        with (
            step(ANSWERS),
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

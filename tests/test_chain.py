"""A service from the first release follows each later one: it stays sound, and keeps its data.

After the releases so far come those that never were (tests/synthetic), one for each kind of change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from drydock import changelog
from tests.harness import chain, proof, synthetic
from tests.harness.background import background_work, end, telling
from tests.harness.blackbox import BlackBox
from tests.harness.releases import commit, repository, tags
from tests.harness.resolving import ask_the_index
from tests.harness.service import Service, broker_for, database_for
from tests.harness.variants import Variant, broker_of
from tests.harness.ways import Way

# `make test` without coverage, which is half of its time.
TESTS = ("uv", "run", "--no-sync", "pytest", "-n", "auto")
# What the releases that never were add to the API.
NOTICES = {"/api/v1/notices", "/api/v1/notices/{notice_id}"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "way" not in metafunc.fixturenames:
        return
    options = metafunc.config.option
    chosen = chain.chained(options.proof, options.shard, tuple(options.only))
    marks = [
        (pytest.mark.needs(broker) if (broker := broker_of(each)) else ()) for each, _ in chosen
    ]
    metafunc.parametrize(
        ("variant_of_chain", "way"),
        [
            pytest.param(*each, id=str(each[0]), marks=mark)
            for each, mark in zip(chosen, marks, strict=True)
        ],
    )


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with all its releases, the synthetic ones last."""
    return synthetic.all_and_synthetic(tmp_path_factory.mktemp("releases") / "template")


@contextmanager
def during(tag: str) -> Iterator[None]:
    """Add to what fails meanwhile at which release it did."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"(at the release {tag})")
        raise


def test_a_service_follows_the_releases(
    variant_of_chain: Variant,
    way: Way,
    source: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    variant, is_proof = variant_of_chain, request.config.option.proof
    ask_the_index()
    name, inputs = chain.name_of(variant), chain.fingerprint(source, way, is_proof)
    if not request.config.option.no_cache and (before := proof.passed(name, inputs)):
        record_property("cached", before.date)
        return

    first, *later = chain.path_of(source, variant.data(), is_proof)
    with (
        database_for(variant, tmp_path / "data") as url,
        broker_for(variant) as broker,
        proof.recorded(name, inputs, {}) as record,
    ):
        service = Service(tmp_path / "harbour-desk", url, broker)
        follower = chain.Follower(service, variant, source, way)
        follower.begin(first)
        for tag in later:
            with during(tag):
                follower.follow(tag)
                service.run("make", "lint")
                # Where a worker is waited for, the tests take most of a minute.
                if tag == later[-1] and (is_proof or broker is None):
                    service.run("make", "test")
                elif is_proof:
                    service.run(*TESTS)
                follower.deploy()
                with service.serving() as (address, server), telling(server):
                    assert httpx2.get(f"{address}/health/ready", timeout=10).status_code == 200
                    end(server, seconds=10)
        record.versions = service.versions()
        follower.rows.remove()  # the black box begins with empty tables
        with service.serving() as (address, server), telling(server):
            with background_work(service):
                assert BlackBox(address, variant, service.make_admin, NOTICES).run() > 10
            end(server, seconds=10)


def test_a_release_offers_what_it_asks_and_what_it_does_not_ask_yet() -> None:
    asked = {"database": {"choices": ["sqlite"]}, "project_name": {"type": "str"}}
    assert chain.offers(asked, {"database": "sqlite", "project_name": "x", "tasks": "arq"})
    assert not chain.offers(asked, {"database": "postgres"})


def test_a_path_begins_with_the_first_release_that_offers_the_answers(source: Path) -> None:
    every = tags(source)
    assert chain.path_of(source, {"auth": "jwt", "tasks": "arq"}, True) == every
    checkout = every[-1 - len(synthetic.patches())]
    assert chain.path_of(source, {"auth": "jwt"}, False) == [every[0], checkout, every[-1]]


@pytest.mark.parametrize(
    ("migrations", "heads"),
    [
        ([("a", "None"), ("b", '"a"')], {"b"}),
        ([("a", "None"), ("b", '"a"'), ("c", '"a"')], {"b", "c"}),
        ([("a", "None"), ("b", '"a"'), ("c", '"a"'), ("d", '("b", "c")')], {"d"}),
        ([], set()),
    ],
)
def test_heads_are_the_migrations_that_none_follows(
    migrations: list[tuple[str, str]], heads: set[str], tmp_path: Path
) -> None:
    folder = tmp_path / "migrations/versions"
    folder.mkdir(parents=True)
    for name, before in migrations:
        text = f'revision: str = "{name}"\ndown_revision: str | Sequence[str] | None = {before}\n'
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    assert chain.heads(tmp_path) == heads


def test_files_that_somebody_has_to_decide_on_are_named(tmp_path: Path) -> None:
    repository(tmp_path)
    (tmp_path / "sound.py").write_text('"<<<<<<< "\n', encoding="utf-8")
    (tmp_path / "gone.py").write_text("x\n<<<<<<< a\n", encoding="utf-8")
    commit(tmp_path, "Sound")
    (tmp_path / "gone.py").unlink()
    assert chain.marked(tmp_path) == []
    (tmp_path / "sound.py").write_text("x\n<<<<<<< a\n=======\ny\n>>>>>>> b\n", encoding="utf-8")
    (tmp_path / "new.py.rej").touch()
    assert sorted(chain.marked(tmp_path)) == ["new.py.rej", "sound.py"]


def test_a_patch_that_no_longer_applies_says_how_to_renew_it(tmp_path: Path) -> None:
    template = repository(tmp_path)
    commit(template, "Nothing")
    patch = synthetic.patches()[0]
    with pytest.raises(LookupError, match="no longer applies") as caught:
        synthetic.apply(patch, template)
    assert patch.name in str(caught.value)
    assert "tests/harness/synthetic.py" in str(caught.value)


def test_each_release_that_never_was_has_notes(source: Path) -> None:
    found = {str(each.version): each for each in changelog.read(source)}
    made = tags(source)[-len(synthetic.patches()) :]
    assert len(made) >= 4
    for tag in made:
        assert found[tag].must_do
        assert len(found[tag].sections) > 1

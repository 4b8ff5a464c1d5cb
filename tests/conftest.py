"""What a run uses and how far it goes: servers, tiers (`--proof`, `--soak`), shards."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.harness import servers
from tests.harness.variants import Variant, all_variants, core_variants, snapshot

EXAMPLES = {"test": 15, "soak": 2_000}
SERVER = pytest.StashKey[servers.Postgres]()

# For a commit of changes that are not committed yet, which Copier makes in its clone.
for who in ("AUTHOR", "COMMITTER"):
    os.environ.setdefault(f"GIT_{who}_NAME", "Drydock tests")
    os.environ.setdefault(f"GIT_{who}_EMAIL", "tests@example.com")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("drydock")
    group.addoption("--proof", action="store_true", help="run every variant, not the core ones")
    group.addoption("--shard", default="1/1", help="which part of the variants: 1/3, 2/3, 3/3")
    group.addoption("--soak", action="store_true", help="many random examples, not a few")


def pytest_configure(config: pytest.Config) -> None:
    for name, examples in EXAMPLES.items():
        settings.register_profile(
            name,
            max_examples=examples,
            # Where an example takes a second, to shrink a failing one would take minutes.
            phases=set(Phase) if name == "soak" else set(Phase) - {Phase.shrink, Phase.explain},
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
    settings.load_profile("soak" if config.getoption("soak") else "test")
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    try:
        server = servers.choose()
    except servers.UnreachableError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[SERVER] = server
    os.environ[servers.CHOSEN] = server.url
    os.environ[servers.PREFIX] = f"drydock_{uuid4().hex[:8]}"


def pytest_unconfigure(config: pytest.Config) -> None:
    if (server := config.stash.get(SERVER, None)) is not None:
        # A worker that was ended in the middle of a test has dropped nothing.
        servers.drop_databases(server.url, os.environ.pop(servers.PREFIX))
        del os.environ[servers.CHOSEN]
        servers.stop(server)


def pytest_report_header(config: pytest.Config) -> list[str]:
    server = config.stash.get(SERVER, None)
    return [
        f"servers: {server or 'none'}; SQLite files of their own",
        f"variants: {len(chosen_variants(config))} of {len(all_variants())}; "
        f"random examples: {settings().max_examples} a test",
    ]


def chosen_variants(config: pytest.Config) -> list[Variant]:
    """Give the variants of this run.

    Raises:
        pytest.UsageError: for a shard that is not one.
    """
    variants = all_variants() if config.getoption("proof") else core_variants()
    shard = str(config.getoption("shard"))
    try:
        number, count = (int(part) for part in shard.split("/"))
    except ValueError:
        number, count = 0, 0
    if not 1 <= number <= count:
        raise pytest.UsageError(f"--shard is a part such as 1/3, not {shard!r}")
    return variants[number - 1 :: count]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", chosen_variants(metafunc.config), ids=str)
    if "any_variant" in metafunc.fixturenames:
        metafunc.parametrize("any_variant", all_variants(), ids=str)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: item.path.name != "test_variants.py")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if config.getoption("proof") or config.getoption("soak"):
        return
    chosen, every = core_variants(), all_variants()
    left = len(every) - len(set(map(str, chosen)))
    terminalreporter.section("left out here")
    terminalreporter.line(
        f"make proof: the other {left} of {len(every)} variants, installed, tested and served"
    )
    terminalreporter.line(
        f"make soak: {EXAMPLES['soak']:,} random examples a test instead of {EXAMPLES['test']}"
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template outside Git, for tests that render often."""
    return snapshot(tmp_path_factory.mktemp("template") / "drydock")

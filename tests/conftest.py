"""What a run uses and how far it goes: servers, tiers (`--proof`, `--soak`), shards."""

import os
from collections.abc import Generator, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from drydock.errors import Refused
from drydock.variants.covering import shard
from tests.harness import ending, nginx, npm, prometheus, reaper, servers
from tests.harness.paths import inner_root
from tests.harness.variants import (
    Variant,
    all_variants,
    array,
    array_of_code,
    backend_variants,
    broker_of,
    families,
    snapshot,
    with_own_tests,
)

EXAMPLES = {"test": 15, "soak": 2_000}
LONG = {
    f"test_{name}.py"
    for name in (
        *("parity", "variants", "dev", "chain", "update_lossless", "accounts", "flips"),
        *("observe", "outages", "telemetry"),
        *("image", "shipping", "rolling_restart", "tutorial"),
    )
}
SERVERS = pytest.StashKey[list[servers.Server]]()

# For a commit of changes that are not committed yet, which Copier makes in its clone.
for who in ("AUTHOR", "COMMITTER"):
    os.environ.setdefault(f"GIT_{who}_NAME", "Drydock tests")
    os.environ.setdefault(f"GIT_{who}_EMAIL", "tests@example.com")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("drydock")
    group.addoption(
        "--proof", action="store_true", help="triples of answers instead of pairs; every tree"
    )
    group.addoption(
        "--strength", type=int, help="of the covering array of all answers; with --proof 3"
    )
    group.addoption("--shard", default="1/1", help="which part of the variants: 1/3, 2/3, 3/3")
    group.addoption("--only", action="append", default=[], help="one variant, by its name")
    group.addoption("--no-cache", action="store_true", help="run again what has passed already")
    group.addoption(
        "--no-servers", action="store_true", help="choose none, for tests that use none"
    )
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
    config.addinivalue_line(
        "markers", "needs(kind): the servers and programs without which a test is left out"
    )
    settings.load_profile("soak" if config.getoption("soak") else "test")
    if hasattr(config, "workerinput"):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = inner_root()
        reaper.join()
        return
    if config.option.collectonly:
        return
    ending.end_as_on_ctrl_c()
    if config.option.no_servers:
        config.stash[SERVERS] = []
        return
    used = ExitStack()
    config.add_cleanup(used.close)
    try:
        config.stash[SERVERS] = used.enter_context(servers.chosen())
    except servers.UnreachableError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(ending.Ending(config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    ending.blame_servers(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Say at the very end what was left out for want of a server or a program."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if SERVERS in config.stash and terminal is not None:
        if nginx.absent() and not config.getoption("proof"):
            terminal.write_line(nginx.WITHOUT_NGINX)
        if prometheus.absent() and not config.getoption("proof"):
            terminal.write_line(prometheus.WITHOUT_PROMETHEUS)
        if npm.absent():
            terminal.write_line(npm.WITHOUT_NODE)
        for kind in servers.absent():
            terminal.write_line(
                f"Not run: the tests on {kind.name}. To run them, {kind.how_to_get_one}."
            )


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"server: {server}" for server in config.stash.get(SERVERS, [])]


def chosen_variants(config: pytest.Config) -> list[Variant]:
    """Give the variants that this run installs, tests and serves.

    In `make test` these are the pairs of answers that decide code.

    Raises:
        pytest.UsageError: for a shard or a name that is not one.
    """
    part, only = config.getoption("shard"), config.getoption("only")
    strength = config.getoption("strength") or (3 if config.getoption("proof") else None)
    try:
        if strength or only:
            return array(strength or 2, part, tuple(only))
        return shard(array_of_code(), part)
    except Refused as error:
        raise pytest.UsageError(str(error)) from None


def rendered_families(config: pytest.Config) -> list[list[Variant]]:
    """Give the variants whose trees this run looks at, by their code."""
    if config.getoption("proof"):
        return shard(families(), config.getoption("shard"))
    return families(2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "variant" in metafunc.fixturenames:
        metafunc.parametrize("variant", in_need(chosen_variants(metafunc.config)))
    if "backend_variant" in metafunc.fixturenames:
        metafunc.parametrize("backend_variant", in_need(backend_variants()))
    if "family" in metafunc.fixturenames:
        chosen = rendered_families(metafunc.config)
        metafunc.parametrize("family", chosen, ids=[str(each[0]) for each in chosen])


def in_need(variants: Iterable[Variant]) -> list[Any]:
    """Give variants that a test runs, and not only renders: marked with the broker of each."""
    return [
        pytest.param(each, id=str(each), marks=pytest.mark.needs(broker) if broker else ())
        for each, broker in ((each, broker_of(each)) for each in variants)
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs something that is absent, and begin with what takes longest."""
    missing = {kind.key for kind in servers.absent()} | npm.absent()
    if not config.getoption("proof"):
        missing |= nginx.absent() | prometheus.absent()
    left_out = [item for item in items if needs(item) & missing]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    kept = [item for item in items if item not in left_out]
    long = [item for item in kept if item.path.name in LONG]
    short = [item for item in kept if item.path.name not in LONG]
    # Each worker is given a stretch of the list: each begins with its share of what takes longest.
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = [
        item
        for number in range(workers)
        for item in (*long[number::workers], *short[number::workers])
    ]


def needs(item: pytest.Item) -> set[str]:
    """Name the servers and programs that a test is marked with."""
    return {kind for mark in item.iter_markers("needs") for kind in mark.args}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left to the longer runs; to count it takes seconds, so only after variants."""
    ran = {report.location[0] for report in terminalreporter.getreports("passed")}
    has_variants = any(name.endswith("test_variants.py") for name in ran)
    if config.getoption("proof") or config.getoption("soak") or not has_variants:
        return
    terminalreporter.section("left out here")
    terminalreporter.line(
        f"make proof: {len(array(3))} variants instead of {len(chosen_variants(config))}, each "
        "combination of three answers instead of two that decide code; the own tests of each, "
        f"instead of {len(with_own_tests())} that have every answer; and all "
        f"{len(all_variants())} trees instead of {sum(map(len, families(2)))}"
    )
    terminalreporter.line(
        f"make soak: {EXAMPLES['soak']:,} random examples a test instead of {EXAMPLES['test']}"
    )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template outside Git, for tests that render often."""
    return snapshot(tmp_path_factory.mktemp("template") / "drydock")

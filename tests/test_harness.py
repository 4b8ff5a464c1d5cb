"""The harness itself: a check that cannot fail is a defect, and so is a server left behind."""

import os
import sys
from pathlib import Path

import psycopg
import pytest

from tests.harness import proof, servers
from tests.harness.process import CommandError, attempt, environment, run, serving
from tests.harness.service import run_command
from tests.harness.variants import IDENTITY, Variant, all_variants, core_variants, fingerprint

PYTHON = sys.executable
LEAVES_A_CHILD = "import subprocess; subprocess.Popen(['sleep', '60'])"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n" + (
    "time.sleep(60)"
)


def test_core_variants_are_the_grid_and_every_other_answer_once() -> None:
    core = core_variants()
    assert len(all_variants()) == len(set(all_variants())) == 16
    assert set(core) < set(all_variants())
    usual = [each for each in core if each["auth"] == "jwt" and each["example"]]
    assert {(each["layout"], each["database"]) for each in usual} == {
        (layout, database)
        for layout in ("domain", "layered")
        for database in ("sqlite", "postgres")
    }
    rest = [each for each in core if each not in usual]
    assert [str(each) for each in rest] == [
        "domain-postgres-none-example",
        "layered-sqlite-jwt-no_example",
    ]


def test_failed_command_shows_its_output(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"ended with 3:\nthe reason"):
        run([PYTHON, "-c", "print('the reason'); exit(3)"], cwd=tmp_path, env=os.environ)


def test_command_that_hangs_is_ended(tmp_path: Path) -> None:
    done = attempt(
        [PYTHON, "-c", "import time; time.sleep(60)"], cwd=tmp_path, env=os.environ, seconds=0.5
    )
    assert done.code == 124


def test_nothing_of_this_run_reaches_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VIRTUAL_ENV", "PYTEST_XDIST_WORKER", "MAKEFLAGS", servers.CHOSEN, "DATABASE_URL"):
        monkeypatch.setenv(name, "x")
    found = environment({"ENVIRONMENT": "test"})
    assert found["ENVIRONMENT"] == "test"
    assert not {"VIRTUAL_ENV", "PYTEST_XDIST_WORKER", "MAKEFLAGS", "DATABASE_URL"} & set(found)
    assert servers.CHOSEN not in found


def test_server_that_ignores_sigterm_fails(tmp_path: Path) -> None:
    command = [PYTHON, "-c", DEAF]
    with serving(command, cwd=tmp_path, env=os.environ, log=tmp_path / "log") as server:
        while "up" not in server.output():
            pass
        with pytest.raises(CommandError, match="SIGTERM did not end the server within 1 s"):
            server.terminate(seconds=1)


def test_server_that_leaves_a_child_fails(tmp_path: Path) -> None:
    command = [PYTHON, "-c", LEAVES_A_CHILD]
    with serving(command, cwd=tmp_path, env=os.environ, log=tmp_path / "log") as server:
        server.process.wait(10)
        with pytest.raises(CommandError, match="left processes behind"):
            server.terminate(seconds=1)


def test_command_is_read_from_the_readme() -> None:
    readme = (
        "# A\n\n## Run\n\n```sh\nmake dev\nuv run app serve --host ::  # all\n```\n\n## Other\n"
    )
    assert run_command(readme) == ["uv", "run", "app", "serve", "--host", "::"]


@pytest.mark.parametrize(
    "readme",
    [
        "# A\n\n```sh\nuv run app serve\n```\n",
        "# A\n\n## Run\n\nuv run app serve\n",
        "# A\n\n## Run\n\nText.\n\n## Other\n\n```sh\nuv run app serve\n```\n",
    ],
)
def test_readme_without_the_command_fails(readme: str) -> None:
    with pytest.raises(LookupError):
        run_command(readme)


def test_private_server_is_there_and_then_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    server = servers.start_private()
    try:
        assert "private" in str(server)
        monkeypatch.setenv(servers.CHOSEN, server.url)
        with servers.postgres_database() as url:
            lent = url.replace("+asyncpg", "")
            assert servers.version_of(lent) == server.version
            with psycopg.connect(server.url, autocommit=True) as connection:
                name = lent.split("/")[3].split("?")[0]
                connection.execute(f'create database "{name}_of_the_service"'.encode())
        with psycopg.connect(server.url) as connection:
            rows = connection.execute("select datname from pg_database").fetchall()
        assert {name for (name,) in rows} == {"postgres", "template0", "template1"}
    finally:
        servers.stop(server)
    assert server.data is not None
    assert not server.data.exists()
    with pytest.raises(psycopg.OperationalError):
        servers.version_of(server.url)


def test_named_server_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(servers.NAMED, "postgresql+asyncpg://x:secret@127.0.0.1:1/x")
    with pytest.raises(servers.UnreachableError) as caught:
        servers.choose()
    assert "secret" not in str(caught.value)


def test_result_counts_only_for_the_same_tree(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(proof, "FOLDER", tmp_path / "proof")
    variant: Variant = all_variants()[0]
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.txt").write_text(IDENTITY["project_name"], encoding="utf-8")
    before = fingerprint(tree)
    with pytest.raises(ValueError, match="broken"), proof.recorded(variant, before, {}):
        raise ValueError("broken")
    assert proof.passed(variant, before) is None
    with proof.recorded(variant, before, {}):
        pass
    assert proof.passed(variant, before) is not None
    (tree / "a.txt").chmod(0o755)
    assert fingerprint(tree) != before
    assert proof.passed(variant, fingerprint(tree)) is None

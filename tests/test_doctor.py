"""`drydock doctor`: what it finds amiss before a service is installed, and what it says to type."""

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from drydock.doctor.asking import Asked
from drydock.update.service import ANSWERS
from tests.command import Command, commit, contents, read_until, small_template, without
from tests.harness.groups import group_is_alive
from tests.harness.paths import uv
from tests.harness.servers.private import free_port
from tests.harness.variants import render

EXAMPLE = """ENVIRONMENT=development
# LOG_LEVEL=info
SECRET_KEY=
"""
FILES = {
    ".env.example": EXAMPLE,
    ".gitignore": ".venv/\n.env\n",
    "pyproject.toml": '[project]\nname = "x"\nversion = "0"\nrequires-python = ">=3.11"\n',
}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    made.env["PATH"] = f"{Path(uv()).parent}:{made.env['PATH']}"
    identity = "[user]\nname = Ada\nemail = ada@example.com\n"
    (Path(made.env["HOME"]) / ".gitconfig").write_text(identity)
    for name in ("ENVIRONMENT", "SECRET_KEY", "PORT", "UV_PROJECT_ENVIRONMENT"):
        made.env.pop(name, None)
    return made


@pytest.fixture
def template(command: Command, tmp_path: Path) -> Path:
    return commit(command, small_template(command, tmp_path / "template", FILES), "0.1.0")


@pytest.fixture
def service(command: Command, template: Path) -> Path:
    """A service as it is after its first `make dev`: with settings, and installed."""
    made = render({}, command.cwd / "orders", template)
    for words in (["lock"], ["sync"]):
        done = command.run(uv(), *words, "--quiet", "--offline", "--directory", str(made))
        assert done.returncode == 0, done.stderr
    (made / ".env").write_text(EXAMPLE.replace("SECRET_KEY=", "SECRET_KEY=x"))
    return commit(command, made)


def found(
    command: Command, *arguments: str, code: int = 0, **env: str
) -> dict[str, dict[str, Any]]:
    """Ask for JSON, and for this exit code; give the findings by their names."""
    env = {"PORT": str(free_port())} | env
    done = command.drydock("doctor", "--json", "--timeout", "60", *arguments, **env)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    return {each["name"]: each for each in json.loads(done.stdout)["findings"]}


def test_all_is_well_and_nothing_is_changed(command: Command, service: Path) -> None:
    before = contents(service)
    findings = found(command, "orders")
    assert list(findings) == [
        *("uv", "git", "Git identity", "make", "Python", "installation", "repository"),
        *("answers", ".env", "port", "template"),
    ]
    assert {each["verdict"] for each in findings.values()} == {"ok"}
    assert findings["Git identity"]["says"] == "Ada <ada@example.com>"
    assert findings["template"]["says"] == "0.1.0, newest release: 0.1.0"
    assert contents(service) == before


@pytest.mark.usefixtures("service")
def test_is_read_without_colours_and_within_80_columns(command: Command) -> None:
    port = str(free_port())
    done = command.drydock("doctor", "orders", PORT=port)
    assert done.returncode == 0, done.stderr
    assert f"ok  port          {port} is free" in [
        line.strip() for line in done.stdout.splitlines()
    ]
    assert done.stdout.endswith("\nAll is well.\n")
    assert max(map(len, done.stdout.splitlines())) <= 80
    with command.terminal("doctor", "orders") as (process, screen):
        assert "All is well." in read_until(screen, "well.") or process.wait(30) == 0


def test_in_no_service_only_the_tools_are_seen(command: Command) -> None:
    assert list(found(command)) == ["uv", "git", "Git identity", "make"]
    done = command.drydock("doctor")
    assert "is no service, so only tools were seen" in done.stderr
    assert "Python" not in done.stdout


@pytest.mark.parametrize("path", ["nowhere", "file"])
def test_a_path_that_is_no_folder_is_refused(command: Command, path: str) -> None:
    (command.cwd / "file").touch()
    done = command.drydock("doctor", path)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert "give the folder of a service." in sentence


class TestTools:
    @pytest.mark.usefixtures("service")
    def test_without_uv(self, command: Command, tmp_path: Path) -> None:
        command.env["PATH"] = os.environ["PATH"]
        path = without("uv", tmp_path / "bin")
        finding = found(command, "orders", code=1, PATH=path)["uv"]
        assert finding["says"].startswith("is not on the PATH")
        assert finding["commands"] == ["pipx install uv"]
        done = command.drydock("doctor", "orders", PATH=path)
        assert "failed   uv " in done.stdout or "failed  uv " in done.stdout
        assert "$ pipx install uv" in done.stdout

    @pytest.mark.usefixtures("service")
    def test_without_git(self, command: Command, tmp_path: Path) -> None:
        findings = found(command, "orders", code=1, PATH=without("git", tmp_path / "bin"))
        assert findings["git"]["commands"] == ["sudo apt install git"]
        assert "repository" not in findings

    def test_that_does_not_run(self, command: Command, tmp_path: Path) -> None:
        fake = tmp_path / "bin/make"
        fake.parent.mkdir()
        fake.write_text("#!/bin/sh\nexit 1\n")
        fake.chmod(0o755)
        findings = found(command, code=1, PATH=f"{fake.parent}:{command.env['PATH']}")
        assert findings["make"]["says"].startswith(f"{fake} does not run")

    def test_a_git_that_knows_nobody(self, command: Command) -> None:
        (Path(command.env["HOME"]) / ".gitconfig").write_text("[user]\nname = Ada\n")
        finding = found(command)["Git identity"]
        assert finding["verdict"] == "warning"
        assert finding["commands"] == ['git config --global user.email "…"']


class TestProject:
    def test_another_python_than_it_asks_for(self, command: Command, service: Path) -> None:
        project = service / "pyproject.toml"
        project.write_text(project.read_text().replace(">=3.11", ">=3.99"))
        finding = found(command, "orders", code=1)["Python"]
        assert finding["verdict"] == "failed"
        assert finding["says"].endswith("is installed, and >=3.99 is asked for")
        assert finding["commands"] == ["uv sync --python 3.13"]

    def test_no_python_that_it_asks_for(self, command: Command, template: Path) -> None:
        made = commit(command, render({}, command.cwd / "orders", template))
        (made / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.99"\n')
        finding = found(command, "orders", code=1)["Python"]
        assert finding["says"] == "uv finds none that is >=3.99"
        assert finding["commands"] == ["uv python install 3.13"]

    def test_a_project_that_cannot_be_read(self, command: Command, service: Path) -> None:
        (service / "pyproject.toml").write_text("[project")
        finding = found(command, "orders", code=1)["pyproject.toml"]
        assert finding["commands"] == ["git checkout HEAD -- pyproject.toml"]

    def test_not_installed(self, command: Command, template: Path) -> None:
        commit(command, render({}, command.cwd / "orders", template))
        findings = found(command, "orders")
        assert findings["installation"]["verdict"] == "warning"
        assert findings["installation"]["commands"] == ["uv sync"]
        assert not (command.cwd / "orders/.venv").exists()

    def test_not_what_the_lock_names(self, command: Command, service: Path) -> None:
        (packages,) = (service / ".venv/lib").glob("python*/site-packages")
        (packages / "stranger-1.0.dist-info").mkdir()
        about = "Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n"
        (packages / "stranger-1.0.dist-info/METADATA").write_text(about)
        assert "not what uv.lock names" in found(command, "orders")["installation"]["says"]

    def test_uncommitted_work(self, command: Command, service: Path) -> None:
        (service / "notes.txt").touch()
        finding = found(command, "orders")["repository"]
        assert finding["verdict"] == "warning"
        assert "uncommitted work (notes.txt)" in finding["says"]

    def test_no_repository(self, command: Command, template: Path) -> None:
        render({}, command.cwd / "orders", template)
        finding = found(command, "orders", code=1)["repository"]
        assert finding["commands"][0] == "git init"


class TestOrigin:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("_commit: [", "is not YAML"),
            ("- a list", "holds no mapping"),
            ("_commit: 0.1.0\n", "_src_path is missing"),
        ],
    )
    def test_a_corrupted_answers_file(
        self, command: Command, service: Path, content: str, words: str
    ) -> None:
        (service / ANSWERS).write_text(content)
        findings = found(command, "orders", code=1)
        assert words in findings["answers"]["says"]
        assert findings["answers"]["commands"] == [f"git checkout HEAD -- {ANSWERS}"]
        assert "template" not in findings

    @pytest.mark.usefixtures("service")
    def test_behind_its_template(self, command: Command, template: Path) -> None:
        (template / "template/NEWS.md").write_text("News\n")
        commit(command, template, "0.2.0")
        finding = found(command, "orders")["template"]
        assert finding["verdict"] == "warning"
        assert finding["says"] == "0.1.0 is 1 release behind 0.2.0"
        assert finding["commands"] == ["drydock update --dry-run"]

    @pytest.mark.usefixtures("service")
    def test_a_template_that_is_gone(self, command: Command, template: Path) -> None:
        template.rename(template.with_name("elsewhere"))
        finding = found(command, "orders", code=1)["template"]
        assert "does not exist" in finding["says"]

    @pytest.mark.usefixtures("service")
    def test_a_version_that_is_gone(self, command: Command, template: Path) -> None:
        (command.cwd / "orders" / ANSWERS).write_text(
            (command.cwd / "orders" / ANSWERS).read_text().replace("0.1.0", "9.9.9")
        )
        finding = found(command, "orders", code=1)["template"]
        assert f"'{template}' has no version '9.9.9'" in finding["says"]

    @pytest.mark.usefixtures("service")
    def test_no_answer_in_time_is_no_fault(self, command: Command) -> None:
        finding = found(command, "orders", "--timeout", "0")["template"]
        assert finding["verdict"] == "warning"
        assert finding["says"].startswith("no answer in time")
        assert finding["commands"][0].endswith(
            "-m drydock status --json " + str(command.cwd / "orders")
        )


class TestSettings:
    def test_none_yet(self, command: Command, service: Path) -> None:
        (service / ".env").unlink()
        assert found(command, "orders")[".env"]["commands"] == ["uv run app env"]
        assert found(command, "orders", ENVIRONMENT="staging")[".env"]["verdict"] == "ok"

    def test_a_secret_without_a_value(self, command: Command, service: Path) -> None:
        (service / ".env").write_text(EXAMPLE)
        finding = found(command, "orders", code=1)[".env"]
        assert finding["says"] == "SECRET_KEY: must have a value"
        assert found(command, "orders", SECRET_KEY="x")[".env"]["verdict"] == "ok"

    def test_a_secret_in_a_file(self, command: Command, service: Path, tmp_path: Path) -> None:
        (service / ".env").write_text("ENVIRONMENT=staging\n")
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets/secret_key").write_text("x\n")
        secrets = str(tmp_path / "secrets")
        assert found(command, "orders", SECRETS_DIR=secrets)[".env"]["says"] == "for staging"

    def test_a_slip_in_a_name(self, command: Command, service: Path) -> None:
        with (service / ".env").open("a") as file:
            file.write("export LOG_LEVLE = 'debug'\nOTHER=1\n")
        finding = found(command, "orders")[".env"]
        assert finding["verdict"] == "warning"
        assert finding["says"] == "LOG_LEVLE is no setting: did you mean LOG_LEVEL?"


class TestPort:
    @pytest.mark.usefixtures("service")
    def test_names_who_has_it(self, command: Command) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            number = taken.getsockname()[1]
            finding = found(command, "orders", PORT=str(number))["port"]
        assert finding["verdict"] == "warning"
        assert f"({os.getpid()})" in finding["says"]
        assert finding["commands"] == [f"make dev PORT={number + 1}"]

    @pytest.mark.usefixtures("service")
    def test_that_is_no_number(self, command: Command) -> None:
        finding = found(command, "orders", code=1, PORT="http")["port"]
        assert finding["says"] == "PORT is no number: 'http'"


def test_a_program_that_hangs_ends_with_all_that_it_started() -> None:
    hangs = "import subprocess as s, time; s.Popen(['sleep', '600']); print('on'); time.sleep(600)"
    command = [sys.executable, "-u", "-c", hangs]
    with Asked(command, Path(), os.environ) as asked:
        assert asked.process.stdout is not None
        asked.process.stdout.readline()
        assert asked.answer(0) is None
        group = asked.process.pid
        assert group_is_alive(group)
    deadline = time.monotonic() + 10
    while group_is_alive(group):
        assert time.monotonic() < deadline
        time.sleep(0.01)

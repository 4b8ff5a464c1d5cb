"""`drydock new`: what it builds, shows, records and commits."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import IO, Any

import pytest
import yaml

from tests.command import (
    ROOT,
    Command,
    checkout,
    commit,
    contents,
    listing,
    read_until,
    small_template,
    whole_template,
    without,
)
from tests.harness.paths import uv
from tests.harness.variants import interview

OFFLINE = {
    "pyproject.toml.jinja": '[project]\nname = "x"\nversion = "0"\ndependencies = ["anyio"]\n'
}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def template(command: Command, tmp_path: Path) -> Path:
    return small_template(command, tmp_path / "template")


def answers(service: Path) -> dict[str, Any]:
    """Read what a service records."""
    recorded = yaml.safe_load((service / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert isinstance(recorded, dict)
    return recorded


def test_shows_and_commits_what_it_builds(command: Command, template: Path) -> None:
    done = command.drydock(
        "new", "billing", "--template", str(template), "-d", "layout=layered", "--no-install"
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"project_name +Billing\b", done.stdout)
    assert re.search(r"layout +layered\b", done.stdout)
    assert done.stdout.index("project_name") < done.stdout.index("layout")
    assert "__init__.py" in done.stdout
    assert [line.split("  ")[1] for line in done.stdout.splitlines()[-3:]] == [
        "cd billing",
        "make dev",
        "make test",
    ]
    assert "\x1b" not in done.stdout + done.stderr
    service = command.cwd / "billing"
    assert answers(service)["layout"] == "layered"
    assert command.git(service, "status", "--porcelain") == ""
    assert command.git(service, "rev-list", "--count", "HEAD") == "1"
    assert command.git(service, "branch", "--show-current") == "main"
    assert [path.name for path in command.cwd.iterdir()] == ["billing"]


def test_builds_the_tree_that_copier_builds(command: Command, tmp_path: Path) -> None:
    template = whole_template(command, tmp_path / "template")
    options = ["--defaults", "-d", "layout=layered", "-d", "python_version=3.12"]
    ours = command.drydock(
        "new", "ours/billing", "--template", str(template), "--no-git", "--no-install", *options
    )
    assert ours.returncode == 0, ours.stderr
    plain = command.python("copier", "copy", "--trust", *options, str(template), "theirs/billing")
    assert plain.returncode == 0, plain.stderr
    built = contents(command.cwd / "ours" / "billing")
    assert built == contents(command.cwd / "theirs" / "billing")
    assert ".copier-answers.yml" in built


def test_many_files_are_shown_as_folders(command: Command, tmp_path: Path) -> None:
    files = {f"app/{part}/{number}.py": "" for part in ("core", "users") for number in range(8)}
    template = small_template(command, tmp_path / "template", files)
    done = command.drydock(
        "new", "billing", "--template", str(template), "--no-git", "--no-install"
    )
    assert "billing/  20 files" in done.stdout
    assert "core/  8 files" in done.stdout
    assert "7.py" not in done.stdout


def test_data_file_may_be_the_answers_of_another_service(command: Command, template: Path) -> None:
    options = ["--template", str(template), "--no-git", "--no-install"]
    command.drydock("new", "orders", "-d", "license=BSD-3-Clause", "-d", "example=no", *options)
    done = command.drydock(
        *("new", "billing", "-d", "project_name=Billing", "-d", "python_version=3.14"),
        *("--data-file", "orders/.copier-answers.yml", *options),
    )
    assert done.returncode == 0, done.stderr
    recorded = answers(command.cwd / "billing")
    assert recorded["project_name"] == "Billing"
    assert recorded["license"] == "BSD-3-Clause"
    assert recorded["example"] is False
    assert recorded["python_version"] == "3.14"


def test_an_empty_folder_is_filled_not_replaced(command: Command, template: Path) -> None:
    billing = command.cwd / "billing"
    billing.mkdir()
    before = billing.stat().st_ino
    command.cwd = billing
    done = command.drydock("new", ".", "--template", str(template), "--no-install")
    assert done.returncode == 0, done.stderr
    assert billing.stat().st_ino == before
    assert answers(billing)["project_name"] == "Billing"
    assert listing(billing.parent)[0] == "billing"


class TestSource:
    def test_the_checkout_is_recorded_so_that_an_update_elsewhere_finds_it(
        self, command: Command, tmp_path: Path
    ) -> None:
        root = checkout(command, tmp_path / "checkout")
        commit(command, root, tag="0.1.0")
        done = command.drydock("new", "billing", "--no-install")
        assert done.returncode == 0, done.stderr
        service = command.cwd / "billing"
        assert answers(service)["_src_path"] == str(root)
        assert answers(service)["_commit"] == "0.1.0"
        (root / "template" / "NEWS.md").write_text("News\n", encoding="utf-8")
        commit(command, root, tag="0.2.0")
        elsewhere = command.cwd / "elsewhere"
        elsewhere.mkdir()
        service.rename(elsewhere / "billing")
        command.cwd = elsewhere
        updated = command.python("copier", "update", "--trust", "--defaults", "billing")
        assert updated.returncode == 0, updated.stderr
        assert (elsewhere / "billing" / "NEWS.md").is_file()

    def test_a_checkout_is_taken_as_it_stands_and_a_template_at_its_release(
        self, command: Command, tmp_path: Path
    ) -> None:
        root = checkout(command, tmp_path / "checkout")
        commit(command, root, tag="0.1.0")
        commit(command, root)
        common = ["--no-git", "--no-install"]
        command.drydock("new", "here", *common)
        command.drydock("new", "released", "--template", str(root), *common)
        command.drydock("new", "asked", "--template", str(root), "--ref", "main", *common)
        assert answers(command.cwd / "here")["_commit"].startswith("0.1.0-1-g")
        assert answers(command.cwd / "released")["_commit"] == "0.1.0"
        assert answers(command.cwd / "asked")["_commit"].startswith("0.1.0-1-g")

    def test_uncommitted_changes_are_rendered_with_one_line_about_it(
        self, command: Command, tmp_path: Path
    ) -> None:
        root = checkout(command, tmp_path / "checkout")
        (root / "template" / "DRAFT.md").write_text("Draft\n", encoding="utf-8")
        done = command.drydock("new", "billing", "--no-git", "--no-install")
        assert done.returncode == 0
        assert (command.cwd / "billing" / "DRAFT.md").is_file()
        assert len(done.stderr.splitlines()) == 1
        assert "uncommitted changes" in done.stderr

    def test_a_relative_template_is_recorded_absolute(
        self, command: Command, template: Path
    ) -> None:
        done = command.drydock(
            "new", "billing", "--template", "../template", "--no-git", "--no-install"
        )
        assert done.returncode == 0, done.stderr
        assert answers(command.cwd / "billing")["_src_path"] == str(template)

    def test_a_wheel_asks_for_the_template_unless_its_metadata_names_one(
        self, command: Command, template: Path, tmp_path: Path
    ) -> None:
        build = tmp_path / "build"
        build.mkdir()
        shutil.copytree(ROOT / "src", build / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("README.md", "LICENSE"):
            (build / name).write_text("x\n", encoding="utf-8")
        original = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        nameless = re.sub(r"^Template = .*$", "", original, flags=re.MULTILINE)
        table = "[project.urls]\n"
        if table not in nameless:
            nameless += f"\n{table}"
        named = nameless.replace(table, f'{table}Template = "{template}"\n')
        asks = self.from_wheel(command, build, nameless, tmp_path / "nameless")
        assert asks.returncode == 2
        assert "--template" in asks.stderr
        assert len(asks.stderr.splitlines()) == 1
        assert listing(command.cwd) == []
        works = self.from_wheel(command, build, named, tmp_path / "named")
        assert works.returncode == 0, works.stderr
        assert answers(command.cwd / "billing")["_src_path"] == str(template)

    @staticmethod
    def from_wheel(
        command: Command, build: Path, pyproject: str, venv: Path
    ) -> subprocess.CompletedProcess[str]:
        """Build a wheel, install it into a new environment, and run the command there."""
        (build / "pyproject.toml").write_text(pyproject, encoding="utf-8")
        wheels = venv.with_suffix(".wheels")
        for step in (
            [uv(), "build", "--wheel", "--quiet", "--out-dir", str(wheels), str(build)],
            [uv(), "venv", "--quiet", "--python", sys.executable, str(venv)],
            [uv(), "pip", "install", "--quiet", "--no-deps", "--python", str(venv / "bin/python")],
        ):
            done = command.run(*step, *(map(str, wheels.glob("*.whl")) if "pip" in step else ()))
            assert done.returncode == 0, done.stderr
        # The libraries are those of this environment; its own, editable drydock comes behind.
        (site,) = venv.glob("lib/python*/site-packages")
        (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        return command.run(str(venv / "bin/drydock"), "new", "billing", "--no-install")


class TestRepository:
    def test_commits_as_the_author_of_the_answers_where_git_knows_nobody(
        self, command: Command, template: Path
    ) -> None:
        done = command.drydock(
            *("new", "billing", "--template", str(template), "--no-install"),
            *("-d", "author_name=Ada Lovelace", "-d", "author_email=ada@example.com"),
        )
        assert done.returncode == 0, done.stderr
        assert self.people(command) == "Ada Lovelace <ada@example.com>"

    def test_commits_where_the_author_has_no_address(
        self, command: Command, template: Path
    ) -> None:
        done = command.drydock("new", "billing", "--template", str(template), "--no-install")
        assert done.returncode == 0, done.stderr
        assert self.people(command) == "Billing team <>"

    def test_commits_as_the_user_that_git_knows(self, command: Command, template: Path) -> None:
        settings = (
            "[user]\nname = Grace\nemail = grace@example.com\n"
            "[commit]\ngpgsign = true\n[init]\ndefaultBranch = trunk\n"
        )
        (Path(command.env["HOME"]) / ".gitconfig").write_text(settings, encoding="utf-8")
        done = command.drydock("new", "billing", "--template", str(template), "--no-install")
        assert done.returncode == 0, done.stderr
        assert self.people(command) == "Grace <grace@example.com>"
        assert command.git(command.cwd / "billing", "branch", "--show-current") == "trunk"

    def test_makes_none_when_told_so(self, command: Command, template: Path) -> None:
        done = command.drydock(
            "new", "billing", "--template", str(template), "--no-install", "--no-git"
        )
        assert done.returncode == 0, done.stderr
        assert not (command.cwd / "billing" / ".git").exists()

    def test_a_hook_of_another_repository_does_not_lead_astray(
        self, command: Command, template: Path
    ) -> None:
        before = command.git(template, "rev-parse", "HEAD")
        done = command.drydock(
            *("new", "billing", "--template", str(template), "--no-install"),
            GIT_DIR=str(template / ".git"),
            GIT_INDEX_FILE=str(template / ".git" / "index"),
        )
        assert done.returncode == 0, done.stderr
        assert command.git(template, "rev-parse", "HEAD") == before
        assert (command.cwd / "billing" / ".git").is_dir()

    @staticmethod
    def people(command: Command) -> str:
        """Name the author, who has to be the committer too."""
        names = "%an <%ae>%n%cn <%ce>"
        log = command.git(command.cwd / "billing", "log", f"--format={names}").splitlines()
        assert len(set(log)) == 1
        return log[0]


class TestInstallation:
    def test_the_lock_file_is_in_the_first_commit(self, command: Command, template: Path) -> None:
        done = command.drydock("new", "billing", "--template", str(template), **with_uv())
        assert done.returncode == 0, done.stderr
        service = command.cwd / "billing"
        assert "uv.lock" in command.git(service, "ls-files").splitlines()
        assert command.git(service, "status", "--porcelain") == ""
        python = command.run(str(service / ".venv/bin/python"), "-c", "import sys; sys.exit(7)")
        assert python.returncode == 7

    def test_without_a_network_the_service_is_complete_and_one_line_says_how(
        self, command: Command, tmp_path: Path
    ) -> None:
        template = small_template(command, tmp_path / "template", OFFLINE)
        done = command.drydock(
            *("new", "billing", "--template", str(template)),
            **with_uv(),
            UV_OFFLINE="1",
            UV_CACHE_DIR=str(tmp_path / "cache"),
        )
        self.is_complete_but_not_installed(command, done)

    def test_without_uv_the_service_is_complete_and_one_line_says_how(
        self, command: Command, template: Path, tmp_path: Path
    ) -> None:
        done = command.drydock(
            "new", "billing", "--template", str(template), PATH=without("uv", tmp_path / "bin")
        )
        assert "uv is not on the PATH" in done.stderr
        self.is_complete_but_not_installed(command, done)

    @staticmethod
    def is_complete_but_not_installed(
        command: Command, done: subprocess.CompletedProcess[str]
    ) -> None:
        assert done.returncode == 0, done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert "`uv sync`" in done.stderr
        service = command.cwd / "billing"
        assert command.git(service, "rev-list", "--count", "HEAD") == "1"
        assert command.git(service, "status", "--porcelain") == ""
        assert not (service / ".venv").exists()


class TestTerminal:
    def test_asks_shows_and_builds(self, command: Command, template: Path) -> None:
        with command.terminal("new", "billing", "--template", str(template), "--no-install") as (
            process,
            screen,
        ):
            answer_all(screen)
            screen.write(b"y\n")
            assert "make dev" in read_until(screen, "make test")
            assert process.wait(30) == 0
        assert answers(command.cwd / "billing")["project_name"] == "Billing"

    def test_no_to_the_summary_leaves_nothing(self, command: Command, template: Path) -> None:
        path = "deep/down/billing"
        with command.terminal("new", path, "--template", str(template)) as (process, screen):
            answer_all(screen)
            screen.write(b"n\n")
            read_until(screen, "Nothing was built")
            assert process.wait(30) == 0
        assert listing(command.cwd) == []

    def test_ctrl_d_at_the_summary_leaves_nothing(self, command: Command, template: Path) -> None:
        path = "deep/down/billing"
        with command.terminal("new", path, "--template", str(template)) as (process, screen):
            answer_all(screen)
            screen.write(b"\x04")
            shown = read_until(screen, "nothing was built")
            assert process.wait(30) == 130
        assert "Traceback" not in shown
        assert listing(command.cwd) == []

    def test_asks_nothing_with_defaults(self, command: Command, template: Path) -> None:
        options = ("--template", str(template), "--defaults", "--no-git", "--no-install")
        with command.terminal("new", "billing", *options) as (process, screen):
            shown = read_until(screen, "make test")
            assert process.wait(30) == 0
        assert "Build it?" not in shown

    def test_ctrl_c_in_the_interview_leaves_nothing(self, command: Command, template: Path) -> None:
        path = "deep/down/billing"
        with command.terminal("new", path, "--template", str(template)) as (process, screen):
            read_until(screen, "project_name:")
            screen.write(b"\x03")
            shown = read_until(screen, "nothing was built")
            assert process.wait(30) == 130
        assert "Traceback" not in shown
        assert listing(command.cwd) == []


class TestHelp:
    def test_version(self, command: Command) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert command.drydock("--version").stdout == f"drydock {project['version']}\n"

    @pytest.mark.parametrize("arguments", [["--help"], ["new", "--help"]])
    def test_help_has_examples(self, command: Command, arguments: list[str]) -> None:
        done = command.drydock(*arguments)
        assert done.returncode == 0
        assert "drydock new billing --defaults -d database=postgres" in done.stdout

    def test_completes_options(self, command: Command) -> None:
        done = command.drydock(
            _DRYDOCK_COMPLETE="complete_bash", COMP_WORDS="drydock new --no-", COMP_CWORD="2"
        )
        assert done.stdout.split() == ["--no-git", "--no-install"]


def with_uv() -> dict[str, str]:
    """Put uv on the PATH."""
    return {"PATH": f"{Path(uv()).parent}:{os.environ['PATH']}"}


def answer_all(screen: IO[bytes]) -> None:
    """Press Enter at each question, which takes its default, up to the summary's own question."""
    questions = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    with interview() as asked:
        # What is asked only with another answer than the default is not asked here.
        names = [each.name for each in asked.questions if asked.is_asked(each, {})]
    for name in names:
        read_until(screen, questions[name]["help"][:20])
        screen.write(b"\r")
    read_until(screen, "Build it?")

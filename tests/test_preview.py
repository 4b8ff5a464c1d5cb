"""`drydock preview`: the tree, a file, the difference; bad input; and nothing is written."""

import subprocess
from pathlib import Path

import pytest

from drydock.update.service import ANSWERS
from tests.command import (
    Command,
    commit,
    contents,
    listing,
    read_until,
    small_template,
    whole_template,
)
from tests.harness.variants import files_of, render

FILES = {
    "app/main.py.jinja": 'DATABASE = "{{ database }}"\nCALLERS = "{{ auth }}"\n',
    "app/{{ only.postgres }}/local.py": "one\ntwo\n",
    "app/{{ only.sqlite }}/file.py": "one\n",
    "logo.png": "\0PNG",
    "run": "#!/bin/sh\n",
}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def template(command: Command, tmp_path: Path) -> Path:
    return commit(command, small_template(command, tmp_path / "template", FILES), "0.1.0")


def preview(command: Command, template: Path, *arguments: str) -> str:
    """Run the command, see that it leaves nothing, and give what it printed."""
    place = command.cwd.parent / "tmp"
    place.mkdir(exist_ok=True)
    done = command.drydock("preview", "--template", str(template), *arguments, TMPDIR=str(place))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert listing(command.cwd) == listing(place) == []
    return done.stdout


def refused(command: Command, template: Path, *arguments: str) -> str:
    """Run the command, see that it refuses, and give the sentence."""
    done = command.drydock("preview", "--template", str(template), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    return sentence


class TestTree:
    def test_has_the_lines_and_bytes_of_files_and_folders(
        self, command: Command, template: Path
    ) -> None:
        shown = preview(command, template, "-d", "database=postgres")
        rows = [tuple(line.strip("│├└─ ").split()) for line in shown.splitlines()]
        assert ("app/", "5", "65", "bytes") in rows
        assert ("main.py", "2", "38", "bytes") in rows
        assert ("logo.png", "0", "4", "bytes") in rows
        assert "local.py" in shown
        assert "file.py" not in shown
        assert shown.startswith("service/\n")

    def test_of_the_whole_template_is_what_copier_writes_within_80_columns(
        self, command: Command, tmp_path: Path
    ) -> None:
        template = whole_template(command, tmp_path / "template")
        shown = preview(command, template, "-d", "layout=layered", "-d", "tasks=celery")
        tree = render({"layout": "layered", "tasks": "celery"}, tmp_path / "service", template)
        files = list(files_of(tree))
        sums = shown.splitlines()[-1]
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        assert f"{len(files)} files, {lines:,} lines" in sums
        assert max(map(len, shown.splitlines())) <= 80

    def test_of_a_folder(self, command: Command, template: Path) -> None:
        shown = preview(command, template, "./app/")
        assert shown.startswith("app/\n")
        assert "run" not in shown
        assert "3 files, 4 lines" in shown


class TestFile:
    def test_is_given_byte_by_byte(self, command: Command, template: Path) -> None:
        text = 'DATABASE = "postgres"\nCALLERS = "jwt"\n'
        assert preview(command, template, "-d", "database=postgres", "app/main.py") == text
        assert preview(command, template, "logo.png") == "\0PNG"

    def test_has_colours_on_a_terminal_unless_they_are_not_wanted(
        self, command: Command, template: Path
    ) -> None:
        for unwanted in ({}, {"NO_COLOR": "1"}):
            command.env |= unwanted
            arguments = ("preview", "--template", str(template), "app/main.py")
            with command.terminal(*arguments) as (process, screen):
                shown = b""
                while b"jwt" not in shown:
                    shown += screen.read(4096)
                assert process.wait(30) == 0
            assert (b"\x1b[3" in shown) is not bool(unwanted)

    def test_that_is_no_text_does_not_come_to_a_terminal(
        self, command: Command, template: Path
    ) -> None:
        arguments = ("preview", "--template", str(template), "logo.png")
        with command.terminal(*arguments) as (process, screen):
            assert "logo.png is no text: 4 bytes" in read_until(screen, "bytes")
            assert process.wait(30) == 0

    @pytest.mark.parametrize(
        ("path", "near"),
        [
            ("app/mian.py", "did you mean app/main.py"),
            ("main.py", "did you mean app/main.py"),
            ("/etc/passwd", "leave it out"),
            ("../template", "leave it out"),
            ("app/local.py", "did you mean app/"),
        ],
    )
    def test_that_is_not_made(self, command: Command, template: Path, path: str, near: str) -> None:
        said = refused(command, template, path)
        assert f"there is no '{path}' with these answers: {near}" in said


class TestDifference:
    def test_lists_files_and_shows_the_lines_of_those_that_change(
        self, command: Command, template: Path
    ) -> None:
        shown = preview(command, template, "-d", "auth=none", "--versus", "database=postgres")
        assert shown.startswith("database=postgres: 1 new, 1 gone, 2 changed, 5 the same\n")
        lines = shown.splitlines()
        for line in ("+ app/local.py  +2", "- app/file.py  -1", "~ app/main.py  +1 -1"):
            assert line in lines
        assert '-DATABASE = "sqlite"' in lines
        assert '+DATABASE = "postgres"' in lines
        assert ' CALLERS = "none"' in lines
        assert "+one" not in lines  # a list of what is new is enough

    def test_is_a_patch(self, command: Command, template: Path) -> None:
        answers = ("--versus", "database=postgres", "--versus", "auth=none")
        shown = preview(command, template, "app/main.py", *answers)
        (command.cwd / "app").mkdir()
        main = command.cwd / "app/main.py"
        main.write_text('DATABASE = "sqlite"\nCALLERS = "jwt"\n')
        subprocess.run(["git", "apply"], input=shown, cwd=command.cwd, text=True, check=True)
        assert main.read_text() == 'DATABASE = "postgres"\nCALLERS = "none"\n'

    def test_of_one_file_shows_it_though_it_comes_or_goes(
        self, command: Command, template: Path
    ) -> None:
        versus = ("--versus", "database=postgres")
        assert "\n+one\n+two\n" in preview(command, template, "app/local.py", *versus)
        assert "\n-one\n" in preview(command, template, "app/file.py", *versus)
        same = preview(command, template, "run", *versus)
        assert same == "database=postgres: run is the same\n"

    def test_the_user_s_own_settings_of_git_do_not_change_it(
        self, command: Command, template: Path
    ) -> None:
        plain = preview(command, template, "--versus", "auth=none")
        settings = "[diff]\nnoprefix = true\nmnemonicPrefix = true\nexternal = false\n"
        (Path(command.env["HOME"]) / ".gitconfig").write_text(f"{settings}[color]\nui = always\n")
        assert preview(command, template, "--versus", "auth=none") == plain


class TestService:
    @pytest.fixture
    def service(self, command: Command, template: Path, tmp_path: Path) -> Path:
        """A service of an older release than the newest."""
        answers = {"database": "postgres", "project_name": "Harbour"}
        made = commit(command, render(answers, tmp_path / "orders", template))
        (template / "template/app/new.py").write_text("new\n")
        commit(command, template, "0.2.0")
        return made

    def run(self, command: Command, service: Path, *arguments: str) -> str:
        before = contents(service)
        done = command.drydock("preview", "--of", str(service), *arguments)
        assert done.returncode == 0, done.stderr
        assert contents(service) == before
        return done.stdout

    def test_is_what_it_was_rendered_as(self, command: Command, service: Path) -> None:
        shown = self.run(command, service)
        assert shown.startswith("orders/\n")
        assert "new.py" not in shown
        assert self.run(command, service, ANSWERS) == (service / ANSWERS).read_text()

    def test_has_its_answers_but_for_those_that_are_given(
        self, command: Command, service: Path
    ) -> None:
        assert '"postgres"' in self.run(command, service, "app/main.py")
        assert '"sqlite"' in self.run(command, service, "-d", "database=sqlite", "app/main.py")
        assert '+DATABASE = "sqlite"' in self.run(command, service, "--versus", "database=sqlite")

    def test_may_have_the_layout_that_an_update_refuses(
        self, command: Command, service: Path
    ) -> None:
        assert "layout: layered" in self.run(command, service, "-d", "layout=layered", ANSWERS)

    def test_at_another_version(self, command: Command, service: Path) -> None:
        assert "new.py" in self.run(command, service, "--ref", "0.2.0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-d", "laoyut=layered"], "did you mean 'layout'?"),
        (["--versus", "laoyut=layered"], "did you mean 'layout'?"),
        (["--versus", "database=oracle"], "database: 'oracle' is not one of sqlite, postgres."),
        (["--versus", "database"], "is not key=value"),
        (["-d", "project_name=", "run"], "project_name: must not be empty."),
        (["--data-file", "none.yml"], "cannot be read"),
        (["--of", "nowhere"], "'nowhere' does not exist"),
        (["--of", "."], "is no service"),
        (["--ref", "9.9.9"], "has no ref '9.9.9'"),
    ],
)
def test_bad_input(command: Command, template: Path, arguments: list[str], words: str) -> None:
    assert words in refused(command, template, *arguments)


def test_the_template_is_that_of_new(command: Command) -> None:
    done = command.drydock("preview", "README.md", "-d", "project_name=Harbour")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Harbour\n")

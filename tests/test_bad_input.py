"""What `drydock new` refuses: one sentence, exit code 2, nothing left behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command import Command, listing, small_template, without
from tests.harness.process import finish, start

ENDLESS = "{% for _ in range(99999) %}{% for _ in range(99999) %}{% endfor %}{% endfor %}"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def template(command: Command, tmp_path: Path) -> Path:
    return small_template(command, tmp_path / "template")


def refuses(command: Command, *arguments: str, path: str = "deep/billing", **env: str) -> str:
    """Run the command, see that it refuses as it should, and give the sentence."""
    before = listing(command.cwd)
    done = command.drydock("new", path, *arguments, **env)
    assert done.returncode == 2, done.stdout + done.stderr
    assert listing(command.cwd) == before
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("Error: ")
    assert sentence.endswith(".")
    return sentence


class TestPlace:
    def test_folder_that_is_not_empty(self, command: Command, template: Path) -> None:
        (command.cwd / "billing").mkdir()
        (command.cwd / "billing" / "notes.txt").touch()
        said = refuses(command, "--template", str(template), path="billing")
        assert "billing' is not empty" in said

    @pytest.mark.parametrize("path", ["billing", "billing/below", "billing/far/below"])
    def test_file_in_the_way(self, command: Command, template: Path, path: str) -> None:
        (command.cwd / "billing").write_text("mine", encoding="utf-8")
        said = refuses(command, "--template", str(template), path=path)
        assert "billing' is a file, not a folder" in said

    def test_link_to_nothing(self, command: Command, template: Path) -> None:
        (command.cwd / "billing").symlink_to("nowhere")
        assert "is a link to nothing" in refuses(
            command, "--template", str(template), path="billing"
        )

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="a place where root cannot write")
    @pytest.mark.parametrize("path", ["/proc/billing", "/proc/deep/billing"])
    def test_place_that_cannot_be_written(
        self, command: Command, template: Path, path: str
    ) -> None:
        assert f"'{path}' cannot be written" in refuses(
            command, "--template", str(template), path=path
        )

    def test_name_too_long_for_the_file_system(self, command: Command, template: Path) -> None:
        said = refuses(command, "--template", str(template), path="deep/" + "x" * 300)
        assert "cannot be written (File name too long)" in said


class TestAnswers:
    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            ("laoyut=layered", ["'laoyut'", "did you mean 'layout'?", "database"]),
            ("_src_path=x", ["there is no question '_src_path'", "It asks project_name"]),
            ("layout", ["'layout' is not key=value"]),
            ("=layered", ["'=layered' is not key=value"]),
            ("database=oracle", ["database: 'oracle' is not one of sqlite, postgres."]),
            ("database=", ["database: '' is not one of sqlite, postgres."]),
            ("python_version=3.10", ["python_version: '3.10' is not one of 3.11, 3.12"]),
            ("example=maybe", ["example: must be true or false, not 'maybe'."]),
            ("example=2", ["example: must be true or false, not '2'."]),
            ("project_slug=class", ["project_slug: must not be 'class', a keyword of Python"]),
            ("project_slug=json", ["project_slug: must not be 'json'"]),
            ("project_slug=fastapi", ["project_slug: must not be 'fastapi'"]),
            ("project_name=", ["project_name: must not be empty."]),
            ("project_name=two\nlines", ["project_name: must be one line"]),
            ("project_name=" + "x" * 300, ["project_name: must have at most 80 characters"]),
            ("project_name={{ 1 }}", ["project_name: must not contain {{"]),
            ("description=\x1b[31mred", ["description: must be one line of visible characters"]),
            ("author_email=nobody", ["author_email: must be an e-mail address"]),
        ],
    )
    def test_given_by_option(
        self, command: Command, template: Path, answer: str, words: list[str]
    ) -> None:
        said = refuses(command, "--template", str(template), "-d", answer)
        for word in words:
            assert word in said

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"laoyut: layered", "did you mean 'layout'?"),
            (b"1: layered", "there is no question '1'"),
            (b"author_email:", "author_email: must be text, not empty"),
            (b"project_name: [a, b]", "project_name: must be text, not a list"),
            (b"project_name: 2026-01-01", "project_name: must be text, not a date"),
            (b"example: maybe", "example: must be true or false, not 'maybe'."),
            (b"example:", "example: must be true or false, not None."),
            (b"database: oracle", "database: 'oracle' is not one of sqlite, postgres."),
            (b"- layered", "holds no mapping"),
            (b"", "holds no mapping"),
            (b"layout: [", "is not YAML in line 1"),
            (b"layout: !!python/name:os.system", "is not YAML in line 1"),
            (b"layout: \x00", "is not YAML"),
            (b"author_name: Jos\xe9", "is not UTF-8"),
        ],
    )
    def test_given_by_file(
        self, command: Command, template: Path, content: bytes, words: str
    ) -> None:
        (command.cwd / "answers.yml").write_bytes(content)
        said = refuses(command, "--template", str(template), "--data-file", "answers.yml")
        assert words in said

    @pytest.mark.parametrize("file", ["missing.yml", "."])
    def test_file_that_cannot_be_read(self, command: Command, template: Path, file: str) -> None:
        said = refuses(command, "--template", str(template), "--data-file", file)
        assert f"the data file '{file}' cannot be read" in said


class TestTemplate:
    @pytest.mark.parametrize("where", ["missing", ""])
    def test_that_does_not_exist(self, command: Command, where: str) -> None:
        assert f"the template '{where}' does not exist" in refuses(command, "--template", where)

    def test_that_is_a_file(self, command: Command) -> None:
        (command.cwd / "file").touch()
        assert "is no template" in refuses(command, "--template", "file")

    def test_that_has_no_questions(self, command: Command) -> None:
        assert "has no copier.yml" in refuses(command, "--template", ".")

    def test_with_a_broken_copier_yml(self, command: Command) -> None:
        (command.cwd / "copier.yml").write_text("a: [", encoding="utf-8")
        assert "fails (" in refuses(command, "--template", ".")

    def test_that_cannot_be_fetched(self, command: Command, tmp_path: Path) -> None:
        address = f"git+file://{tmp_path}/missing.git"
        said = refuses(command, "--template", address)
        assert "cannot be fetched (fatal: " in said
        assert "Please make sure" not in said  # Git's advice is on access rights

    @pytest.mark.parametrize("ref", ["v9", "--upload-pack=x"])
    def test_without_that_ref(self, command: Command, template: Path, ref: str) -> None:
        said = refuses(command, "--template", str(template), f"--ref={ref}")
        assert f"has no ref '{ref}'" in said

    def test_with_an_empty_ref(self, command: Command) -> None:
        assert "--ref is empty" in refuses(command, "--ref=")

    @pytest.mark.parametrize(
        "broken",
        [
            {"app/main.py.jinja": "{{ missing }}"},
            {"{{ missing }}.py": ""},
            {"app/main.py.jinja": "{% if %}"},
        ],
    )
    def test_that_fails_halfway(
        self, command: Command, tmp_path: Path, broken: dict[str, str]
    ) -> None:
        template = small_template(command, tmp_path / "template", broken)
        assert "fails (" in refuses(command, "--template", str(template))

    def test_with_an_extension_that_fails(self, command: Command, template: Path) -> None:
        (template / "extensions" / "facts.py").write_text("1 / 0\n", encoding="utf-8")
        command.git(template, "commit", "-aqm", "Break")
        assert "fails (" in refuses(command, "--template", str(template))


class TestMachine:
    def test_without_git(self, command: Command, template: Path, tmp_path: Path) -> None:
        path = without("git", tmp_path / "bin")
        said = refuses(command, "--template", str(template), "--no-git", PATH=path)
        assert "git is not on the PATH: install it" in said

    def test_git_that_fails_after_rendering(self, command: Command, template: Path) -> None:
        (Path(command.env["HOME"]) / ".gitconfig").write_text(
            "[core]\n\tautocrlf = input\n\tsafecrlf = true\n", encoding="utf-8"
        )
        (template / "template" / "crlf.txt").write_bytes(b"one\r\ntwo\r\n")
        (template / ".gitattributes").write_text("* -text\n", encoding="utf-8")
        command.git(template, "add", "--all")
        command.git(template, "commit", "-qm", "Break")
        before = listing(command.cwd)
        done = command.drydock("new", "deep/billing", "--template", str(template), "--no-install")
        assert done.returncode == 2
        assert listing(command.cwd) == before
        (sentence,) = done.stderr.splitlines()
        assert "git add failed" in sentence
        assert "--no-git" in sentence

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_stopped_while_rendering(
        self, command: Command, tmp_path: Path, number: signal.Signals, code: int
    ) -> None:
        template = small_template(command, tmp_path / "template", {"zz.txt.jinja": ENDLESS})
        said = self.stopped(
            command,
            ["deep/billing", "--template", str(template)],
            "deep/.drydock-*/billing/app/__init__.py",
            number,
            code,
        )
        assert "Traceback" not in said

    def test_stopped_while_installing(
        self, command: Command, template: Path, tmp_path: Path
    ) -> None:
        slow = tmp_path / "bin" / "uv"
        slow.parent.mkdir()
        slow.write_text("#!/bin/sh\nmkdir .venv && exec sleep 60\n", encoding="utf-8")
        slow.chmod(0o755)
        command.env["PATH"] = f"{slow.parent}:{command.env['PATH']}"
        (command.cwd / "here").mkdir()
        for path in ("deep/billing", "here"):
            arguments = [path, "--template", str(template)]
            self.stopped(command, arguments, f"{path}/.venv", signal.SIGINT, 130)

    @staticmethod
    def stopped(
        command: Command, arguments: list[str], appears: str, number: signal.Signals, code: int
    ) -> str:
        """Send a signal once a path is there; gives what was said, with nothing left behind."""
        before = listing(command.cwd)
        process = start(
            [sys.executable, "-m", "drydock", "new", *arguments],
            cwd=command.cwd,
            env=command.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            end = time.monotonic() + 30
            while not list(command.cwd.glob(appears)):
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.02)
            process.send_signal(number)
            said: str = process.communicate(timeout=30)[1]
        finally:
            finish(process)
        assert process.returncode == code
        assert listing(command.cwd) == before
        return said

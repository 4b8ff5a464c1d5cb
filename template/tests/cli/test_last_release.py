"""A service is compared with the code of its last release: real repositories, and a real uv."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from app.cli.openapi import document
from app.cli.program import output_of

PROJECT = """[build-system]
requires = ["uv_build>=0.13,<0.14"]
build-backend = "uv_build"
[project]
name = "past"
version = "1"
requires-python = ">=3.11"
[project.scripts]
app = "past:main"
[tool.uv.build-backend]
module-root = ""
"""


class Repository:
    """A repository whose code prints what the last release of a service would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")
        (folder / "past").mkdir()
        (folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        output_of("uv", "lock", "--quiet", cwd=folder)

    def git(self, *arguments: str) -> None:
        output_of("git", *arguments, cwd=self.folder)

    def release(self, tag: str, document: dict[str, Any]) -> None:
        code = f"def main() -> None:\n    print({json.dumps(document)!r})\n"
        (self.folder / "past" / "__init__.py").write_text(code, encoding="utf-8")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", tag)
        self.git("tag", tag)


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repository:
    # A hook of Git has the first of them, and a pipeline the last.
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "UV_LOCKED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.com")
    monkeypatch.setattr("sys.argv", ["app", "openapi-diff"])
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Repository(folder)


def ended(capsys: pytest.CaptureFixture[str]) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as end:
        main()
    return (end.value.code, *capsys.readouterr())


def test_the_newest_version_is_what_a_service_is_compared_with(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    past = {"paths": {"/past": {"get": {"deprecated": True}}}}
    repository.release("v0.9.0", {"paths": {"/older": {"get": {}}}})
    repository.release("v0.10.0", past | document())
    repository.git("tag", "v1.0.0rc1", "v0.9.0")
    repository.git("tag", "nightly", "v0.9.0")
    assert ended(capsys) == (0, "Nothing breaks for clients of v0.10.0.\n", "")
    repository.release("v0.11", past)
    said = "GET /past: is gone, and was deprecated\nNothing breaks for clients of v0.11.\n"
    assert ended(capsys) == (0, said, "")
    repository.git("checkout", "--quiet", "-b", "another")
    repository.release("v2.0", {"paths": {"/other": {"get": {}}}})
    repository.git("checkout", "--quiet", "v0.11")
    assert ended(capsys) == (0, said, "")


def test_what_breaks_for_clients_of_the_last_release_is_exit_code_1(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message", "nothing yet")
    none = "There is no release to compare with: no tag that is a version.\n"
    assert ended(capsys) == (0, none, "")
    repository.release("1.0", {"paths": {"/past": {"get": {}}}})
    assert ended(capsys) == (1, "GET /past: is gone\n", "")


def test_without_a_repository_or_its_tags_there_is_no_verdict(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    repository.release("v1", {})
    repository.git("commit", "--quiet", "--allow-empty", "--message", "later")
    shallow = ["clone", "--quiet", "--depth=1", "--no-tags", f"file://{repository.folder}"]
    repository.git(*shallow, str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    code, _, said = ended(capsys)
    assert (code, said.startswith("A shallow clone may lack the tags")) == (2, True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    code, _, said = ended(capsys)
    assert (code, said.startswith("`git tag` failed: fatal: not a git repository")) == (2, True)


def test_a_release_whose_code_cannot_run_is_no_verdict(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository.folder / "uv.lock").unlink()
    repository.release("v1", {})
    code, _, said = ended(capsys)
    assert (code, said.startswith("`uv run` failed: error: ")) == (2, True)

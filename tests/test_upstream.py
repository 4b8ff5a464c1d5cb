"""A template's repository: its releases, and its versions checked out with all that they need."""

from pathlib import Path

import pytest

from drydock.errors import Refused
from drydock.status.upstream import Upstream
from tests.command import Command, commit


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def repository(command: Command) -> Path:
    """A repository of releases on two branches, with a tag that is none before the first."""
    folder = command.cwd / "template"
    folder.mkdir()
    for tag in ("early", "0.1.0", "v0.2.0"):
        release(command, folder, tag)
    command.git(folder, "checkout", "--quiet", "-b", "old", "0.1.0")
    for tag in ("0.1.1", "0.3.0.rc1"):
        release(command, folder, tag)
    command.git(folder, "checkout", "--quiet", "main")
    release(command, folder, "0.10.0")
    return commit(command, folder)


def release(command: Command, folder: Path, tag: str) -> None:
    (folder / "version").write_text(tag)
    commit(command, folder, tag)


def test_releases_after_a_version(repository: Path, tmp_path: Path) -> None:
    upstream = Upstream(str(repository), tmp_path / "fetched")
    assert list(upstream.releases.values()) == ["0.1.0", "0.1.1", "v0.2.0", "0.10.0"]
    for version, after in {
        "early": ("0.1.0", "0.1.1", "v0.2.0", "0.10.0"),
        "0.1.0": ("0.1.1", "v0.2.0", "0.10.0"),
        "0.1.1": ("v0.2.0", "0.10.0"),
        "v0.2.0": ("0.10.0",),
        "0.3.0.rc1": ("0.10.0",),
        "0.10.0-1-gHEAD": (),
    }.items():
        commit = "HEAD" if version.endswith("HEAD") else version
        assert upstream.after(version.replace("HEAD", "abc"), commit) == after
    # The name of a commit without a tag may read as a version; its history says what is later.
    assert upstream.after("1234567", "early") == ("0.1.0", "0.1.1", "v0.2.0", "0.10.0")
    assert upstream.after("1234567", "0.1.1") == ("v0.2.0", "0.10.0")


def test_versions_are_checked_out_once(repository: Path, tmp_path: Path) -> None:
    upstream = Upstream(str(repository), tmp_path / "fetched")
    found = upstream.edition("0.1.0")
    assert (found.newest, found.source.ref) == ("0.10.0", "0.1.0")
    (found.folder / "seen").touch()
    again = upstream.edition("0.1.0-0-g" + found.folder.name)
    assert (again.folder / "seen").exists()
    assert again.folder == found.folder
    for version in ("9.9", "--all", "HEAD:nothing"):
        with pytest.raises(Refused, match=f"has no version '{version}'"):
            upstream.edition(version)


def test_a_template_with_submodules(
    command: Command, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = command.cwd / "part"
    part.mkdir()
    (part / "file").touch()
    commit(command, part)
    local = ("-c", "protocol.file.allow=always")
    command.git(repository, *local, "submodule", "--quiet", "add", str(part), "part")
    commit(command, repository, "1.0")
    with pytest.raises(Refused, match="cannot be checked out"):
        Upstream(str(repository), tmp_path / "refused").edition("1.0")
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")  # which Git refuses to submodules
    found = Upstream(str(repository), tmp_path / "fetched").edition("1.0")
    assert (found.folder / "part/file").exists()


def test_what_cannot_be_fetched(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPIER_CACHE_DIR", str(tmp_path / "mirrors"))
    for location, said in (
        (str(command.cwd), "is no Git repository, so it has no versions"),
        (f"file://{command.cwd}/none.git", "cannot be fetched"),
    ):
        with pytest.raises(Refused, match=said):
            Upstream(location, tmp_path / said)

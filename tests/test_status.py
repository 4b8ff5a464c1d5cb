"""`drydock status`: what it says of services that are current, behind, edited, or broken."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from drydock.update import journal
from drydock.update.journal import Journal
from drydock.update.service import ANSWERS, find
from tests.command import Command, commit, contents, read_until, small_template
from tests.harness.releases import first_release, generate
from tests.harness.variants import array, render

FILES = {
    "app/main.py": "one\ntwo\nthree\n",
    "app/gone.py": "one\ntwo\n",
    "app/features.py": "FEATURES = ()\n",  # copier.yml leaves it to the owner
    "run": "#!/bin/sh\n",
}
MARKERS = "<<<<<<< ours\nours\n=======\ntheirs\n>>>>>>> theirs\n"


def widest(shown: str) -> int:
    """Give the width of what is shown below the addresses of templates."""
    return max(len(line) for line in shown.splitlines() if not line.startswith(("/", "file://")))


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def template(command: Command, tmp_path: Path) -> Path:
    """A small template with a release."""
    folder = small_template(command, tmp_path / "template", FILES)
    return commit(command, folder, "0.1.0")


@pytest.fixture
def service(command: Command, template: Path) -> Path:
    """A service of the first release, in a repository of its own."""
    return commit(command, render({}, command.cwd / "orders", template))


def release(command: Command, template: Path, *tags: str) -> None:
    """Make releases that change a file."""
    for tag in tags:
        with (template / "template/app/main.py").open("a") as file:
            file.write(f"of {tag}\n")
        commit(command, template, tag)


def statuses(command: Command, *paths: str, code: int = 0, **env: str) -> list[dict[str, Any]]:
    """Ask for JSON, and for this exit code."""
    done = command.drydock("status", "--json", *paths, **env)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_current_service_in_every_key(command: Command, template: Path, service: Path) -> None:
    before = contents(service)
    assert statuses(command, "orders") == [
        {
            "path": "orders",
            "template": str(template),
            "version": "0.1.0",
            "newest": "0.1.0",
            "behind": [],
            "drift": [],
            "conflicts": [],
            "update": None,
            "problem": None,
        }
    ]
    assert contents(service) == before
    command.cwd = service
    done = command.drydock("status")
    assert done.returncode == 0
    assert "orders   0.1.0    -       -" in done.stdout
    assert "1 service in all: 1 current" in done.stdout


def test_releases_behind(command: Command, template: Path, service: Path) -> None:
    release(command, template, "0.2.0rc1", "0.2.0", "v0.3.0", "not-a-version", "0.4.0.dev1")
    assert service.is_dir()
    commit(command, render({}, command.cwd / "later", template))
    found = {each["path"]: each for each in statuses(command, ".", code=1)}
    assert found["orders"]["behind"] == ["0.2.0", "v0.3.0"]
    assert found["orders"]["newest"] == found["later"]["newest"] == "v0.3.0"
    assert found["orders"]["drift"] == found["later"]["drift"] == []
    # Two commits after the release, which its nearest tag says.
    assert (found["later"]["version"], found["later"]["behind"]) == ("0.4.0.dev1", [])
    done = command.drydock("status")
    assert done.returncode == 1
    assert "newest release v0.3.0" in done.stdout
    assert "orders   0.1.0       2       -" in done.stdout
    assert "2 services in all: 1 current, 1 behind" in done.stdout


def test_a_version_that_is_no_release(command: Command, tmp_path: Path) -> None:
    template = small_template(command, tmp_path / "template", FILES)
    commit(command, render({}, command.cwd / "untagged", template))
    [found] = statuses(command, "untagged")
    assert (found["newest"], found["behind"]) == (None, [])
    commit(command, template, "1.0")
    release(command, template, "untagged-tag")
    (template / "further").touch()
    commit(command, template)
    commit(command, render({}, command.cwd / "beyond", template))
    release(command, template, "1.1", "1.2")
    found, older = statuses(command, ".", code=1)
    assert older["version"] == command.git(template, "rev-parse", "--short", "1.0~1")
    assert older["behind"] == ["1.0", "1.1", "1.2"]
    assert found["version"].startswith("untagged-tag-1-g")
    assert found["behind"] == ["1.1", "1.2"]


def test_drift_is_counted_by_files_and_lines(command: Command, service: Path) -> None:
    (service / "app/main.py").write_text("one\n2\nthree\nfour\nfive\n")
    (service / "app/gone.py").unlink()
    (service / "run").chmod(0o755)
    (service / "pyproject.toml").write_bytes(
        (service / "pyproject.toml").read_bytes().replace(b"\n", b"\r\n")
    )
    expected = [
        {"path": "app/gone.py", "added": 0, "removed": 2},
        {"path": "app/main.py", "added": 3, "removed": 1},
        {"path": "run", "added": 0, "removed": 0},
    ]
    # None of these is of the template, and the last only says what was rendered.
    (service / "app/own.py").write_text("own\n")
    (service / "app/features.py").write_text("FEATURES = ('own',)\n")
    (service / ANSWERS).write_text((service / ANSWERS).read_text() + "# own\n")
    commit(command, service)
    [found] = statuses(command, "orders")
    assert found["drift"] == expected
    # What is not committed counts as it lies there.
    (service / "app/__init__.py").write_bytes(b"\0\1\2")
    (service / "app/copy.py").write_text(FILES["app/main.py"])
    (service / "app/main.py").unlink()
    (service / "app/main.py").symlink_to("copy.py")
    command.git(service, "rm", "--quiet", "--cached", "run")
    [found] = statuses(command, "orders")
    assert found["drift"] == [
        {"path": "app/__init__.py", "added": 0, "removed": 0},
        expected[0],
        {"path": "app/main.py", "added": 1, "removed": 3},
        expected[2],
    ]
    done = command.drydock("status", "orders")
    assert "orders   0.1.0    -       4 files +1 -5" in done.stdout


def test_a_program_is_what_git_has_as_one(command: Command, service: Path) -> None:
    command.git(service, "config", "core.fileMode", "false")  # as on a disk that has no modes
    (service / "run").chmod(0o755)
    assert statuses(command, "orders")[0]["drift"] == []
    command.git(service, "update-index", "--chmod=+x", "run")
    (service / "run").chmod(0o644)
    change = {"path": "run", "added": 0, "removed": 0}
    assert statuses(command, "orders")[0]["drift"] == [change]


def test_conflicts(command: Command, service: Path) -> None:
    (service / "notes.md").write_text(f"Notes\n{MARKERS}")
    (service / "heading.md").write_text("Title\n=======\n")
    commit(command, service)
    (service / "not-tracked.md").write_text(MARKERS)
    [found] = statuses(command, "orders", code=1)
    assert found["conflicts"] == ["notes.md"]
    (service / "not-tracked.md").unlink()
    command.git(service, "checkout", "--quiet", "-b", "other")
    (service / "app/main.py").write_text("theirs\n")
    commit(command, service)
    command.git(service, "checkout", "--quiet", "main")
    command.git(service, "rm", "--quiet", "app/main.py", "notes.md")
    commit(command, service)
    merge = ("git", "-C", str(service), "-c", "user.name=A", "-c", "user.email=a@b.c", "merge")
    assert command.run(*merge, "other").returncode == 1
    [found] = statuses(command, "orders", code=1)
    assert found["conflicts"] == ["app/main.py"]
    done = command.drydock("status", "orders")
    assert done.returncode == 1
    assert "in conflict: app/main.py" in done.stdout


def test_an_update_that_is_not_committed(command: Command, template: Path, service: Path) -> None:
    release(command, template, "0.2.0")
    done = command.drydock("update", "--defaults", "--no-checks", "orders")
    assert done.returncode == 0, done.stderr
    [found] = statuses(command, "orders", code=1)
    assert (found["version"], found["behind"]) == ("0.2.0", [])
    assert found["update"] == {"version": "0.2.0", "complete": True}
    assert "the update to 0.2.0 is not committed" in command.drydock("status", "orders").stdout
    command.git(service, "commit", "--quiet", "-m", "Update")
    [found] = statuses(command, "orders")
    assert found["update"] is None
    opened = find(service)
    journal.write(opened, Journal(opened.head, "0.3.0", (ANSWERS,)))
    [found] = statuses(command, "orders", code=1)
    assert found["update"] == {"version": "0.3.0", "complete": False}
    assert "the update to 0.3.0 was interrupted" in command.drydock("status", "orders").stdout


def test_services_of_a_larger_repository(command: Command, template: Path) -> None:
    place = command.cwd / "services"
    for name in ("billing", "orders"):
        render({}, place / name, template)
    (command.cwd / "notes.md").write_text(MARKERS)
    commit(command, command.cwd)
    (place / "orders/app/main.py").write_text(MARKERS)
    opened = find(place / "orders")
    journal.write(opened, Journal(opened.head, "0.3.0", (f"services/orders/{ANSWERS}",)))
    billing, orders = statuses(command, "services", code=1)
    assert (billing["path"], orders["path"]) == ("services/billing", "services/orders")
    assert (billing["conflicts"], billing["update"], billing["drift"]) == ([], None, [])
    assert orders["conflicts"] == ["app/main.py"]
    assert orders["update"] == {"version": "0.3.0", "complete": False}
    assert orders["drift"] == [{"path": "app/main.py", "added": 5, "removed": 3}]


def test_one_bad_service_hides_no_other(command: Command, template: Path, service: Path) -> None:
    def copy(name: str, **recorded: str | None) -> None:
        folder = shutil.copytree(service, command.cwd / name)
        answers = yaml.safe_load((folder / ANSWERS).read_text()) | recorded
        (folder / ANSWERS).write_text(yaml.safe_dump(answers))

    copy("a-commit", _commit=command.git(template, "rev-parse", "HEAD"))
    copy("a-version", _commit="9.9.9")
    copy("b-moved", _src_path="/no/such/folder")
    copy("c-remote", _src_path=f"file://{command.cwd}/none.git")
    copy("d-remote", _src_path=f"file://{command.cwd}/none.git", _commit="0.2.0")
    copy("e-answer", layout="round")
    copy("f-record", _commit=None)
    shutil.rmtree(shutil.copytree(service, command.cwd / "g-folder") / ".git")
    (shutil.copytree(service, command.cwd / "h-text") / ANSWERS).write_text("a: [\n")
    trace = command.cwd / "trace"
    found = {
        each["path"]: each
        for each in statuses(command, ".", "no/such", code=2, GIT_TRACE=str(trace))
    }
    for name, said in {
        "a-version": "has no version '9.9.9'",
        "b-moved": "correct _src_path there",
        "c-remote": "cannot be fetched (fatal: ",
        "d-remote": "cannot be fetched (fatal: ",
        "e-answer": "layout: 'round' is not one of domain, layered.",
        "f-record": "does not say from which version of it the service was made",
        "g-folder": "is in no Git repository",
        "h-text": "is not YAML",
        "no/such": "does not exist",
    }.items():
        assert said in found[name]["problem"]
        assert found[name]["drift"] is None
    assert list(found)[-2:] == ["orders", "no/such"]
    for name in ("a-commit", "orders"):
        assert (found[name]["problem"], found[name]["drift"]) == (None, [])
    # A template is fetched once, however many services it has, and so is one that cannot be.
    fetched = [line for line in trace.read_text().splitlines() if "built-in: git clone" in line]
    assert sum(f"{template} " in line for line in fetched) == 1
    assert sum("none.git " in line for line in fetched) == 1
    done = command.drydock("status")
    assert done.returncode == 2
    assert done.stderr == ""
    assert "orders  " in done.stdout
    assert "layout: 'round' is not one of domain, layered." in done.stdout
    assert widest(done.stdout) <= 80


@pytest.mark.usefixtures("service")
def test_a_folder_that_is_no_service(command: Command) -> None:
    (command.cwd / "empty").mkdir()
    for path, said in {
        "empty": "is no service",
        "orders/app": "the one above it is",
        "x" * 300: "the service cannot be read",
    }.items():
        [found] = statuses(command, path, code=2)
        assert said in found["problem"]
        assert found["template"] is None


def test_each_service_is_told_of_once(command: Command, service: Path) -> None:
    shutil.copytree(service, service / "inside")  # of a service only what it is asked for
    twice = statuses(command, "orders", ".", str(service))
    assert [each["path"] for each in twice] == ["orders"]


def test_many_services_are_spread_over_processes(
    command: Command, template: Path, service: Path
) -> None:
    release(command, template, "0.2.0")
    for number in range(24):
        copy = shutil.copytree(service, command.cwd / f"fleet/service-with-a-name-{number:02}")
        if number % 3 == 0:
            (copy / "app/main.py").write_text("\n" * number)
    found = statuses(command, "fleet", code=1)
    assert [each["path"] for each in found] == [
        f"fleet/service-with-a-name-{number:02}" for number in range(24)
    ]
    for number, each in enumerate(found):
        assert each["behind"] == ["0.2.0"]
        change = {"path": "app/main.py", "added": number, "removed": 3}
        assert each["drift"] == ([change] if number % 3 == 0 else [])
    done = command.drydock("status", "fleet")
    lines = done.stdout.splitlines()
    assert widest(done.stdout) <= 80
    assert sum("fleet/service-with-a-name-" in line for line in lines) == 24
    assert lines[-1] == "24 services in all: 24 behind"


def test_progress_is_for_a_terminal(command: Command, service: Path) -> None:
    with command.terminal("status", "orders") as (process, screen):
        shown = read_until(screen, "1 service in all: 1 current")
        assert process.wait(30) == 0
    assert "Fetching" in shown
    assert "Looking at service 1 of 1" in shown
    assert service.name in shown


def test_the_whole_template_has_no_drift(command: Command, tmp_path: Path) -> None:
    template = first_release(tmp_path / "template")
    for number, variant in enumerate(array(2)[:2]):
        generate(template, command.cwd / f"service-{number}", variant.data())
    for each in statuses(command):
        assert (each["version"], each["drift"], each["conflicts"]) == ("0.1.0", [], [])

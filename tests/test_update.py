"""A service goes on where it was changed: a later release arrives, and no edit is lost."""

import shutil
from pathlib import Path

import pytest
import yaml

from tests.command import Command
from tests.harness.releases import commit, first_release, generate, git, release, update


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """The template as a repository with a first release."""
    return first_release(tmp_path / "template")


@pytest.mark.parametrize("layout", ["domain", "layered"])
def test_an_update_brings_what_is_new_and_keeps_what_is_theirs(
    releases: Path, tmp_path: Path, layout: str
) -> None:
    answers = {"layout": layout, "project_name": 'Harbour "Desk" {x}'}
    service = generate(releases, tmp_path / "service", answers)

    # The owner edits, adds, and deletes.
    main = service / "app/main.py"
    main.write_text(main.read_text() + "\n\nOWN = 'the owner wrote this'\n")
    features = service / "app/features.py"
    features.write_text(features.read_text() + "\n# the owner's line\n")
    (service / "migrations/versions/2027-01-01_0123456789ab_own.py").write_text("# theirs\n")
    (service / "app/asgi.py").unlink()
    commit(service, "Our own")

    # The template changes some of the same files, and some that are the owner's by now.
    changed = releases / "template/app/main.py"
    changed.write_text(changed.read_text().replace("Builds the application.", "Builds it."))
    for owned in ("template/app/features.py.jinja", "template/app/core/settings/own.py"):
        (releases / owned).write_text('"""Overwritten."""\n')
    folder = releases / "template/migrations/versions/{{ only.auth }}"
    shutil.copy(next(folder.glob("*_users.py")), folder / "2026-12-01_aaaaaaaaaaaa_later.py")
    (releases / "template/app/core/later.py").write_text('"""New in the next release."""\n')
    release(releases, "0.2.0")

    update(service)

    assert yaml.safe_load((service / ".copier-answers.yml").read_text())["_commit"] == "0.2.0"
    text = main.read_text()
    assert text.startswith('"""Builds it.')
    assert "the owner wrote this" in text
    assert "<<<<<<<" not in text
    assert (service / "app/core/later.py").exists()
    assert not (service / "app/asgi.py").exists()
    assert "# the owner's line" in features.read_text()
    assert "Overwritten" not in (service / "app/core/settings/own.py").read_text()
    migrations = {path.name for path in (service / "migrations/versions").iterdir()}
    assert "2027-01-01_0123456789ab_own.py" in migrations
    assert "2026-12-01_aaaaaaaaaaaa_later.py" not in migrations


@pytest.mark.parametrize("command", ["copier update --trust --defaults", "drydock update"])
def test_answers_that_were_edited_by_hand_are_refused(
    releases: Path, tmp_path: Path, command: str
) -> None:
    service = generate(releases, tmp_path / "service", {})
    answers = service / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("auth: jwt", "auth: none"))
    commit(service, "Without accounts, or so they thought")
    (releases / "template/app/core/later.py").write_text('"""New in the next release."""\n')
    release(releases, "0.2.0")

    program, *options = command.split()
    done = Command(tmp_path).python(program, *options, str(service))

    assert done.returncode == {"copier": 1, "drydock": 2}[program]
    assert "was edited by hand" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert git(service, "status", "--porcelain", "--ignored") == ""

"""What guides show is used as it stands: the script for fifty services, answers of a house."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.harness.paths import ROOT
from tests.harness.releases import git
from tests.harness.walkthrough import File, steps
from tests.harness.workflows import refused_by_actionlint, refused_by_zizmor
from tests.updating import Owner, built, drydock, quiet_home, small_releases


def shown(guide: str, path: str) -> str:
    """Give a file that a guide shows."""
    page = (ROOT / f"docs/guides/{guide}.md").read_text(encoding="utf-8")
    (text,) = [step.text for step in steps(page) if isinstance(step, File) and step.path == path]
    return text


def cloned(owner: Owner, origin: Path) -> None:
    """Give a service a repository to push to."""
    git(origin.parent, "clone", "--quiet", "--bare", str(owner.service), str(origin))
    git(owner.service, "remote", "add", "origin", str(origin))


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Owner]:
    """Give services of which one is current, one is behind, and one will conflict."""
    quiet_home(monkeypatch, tmp_path / "home")
    template = small_releases(tmp_path / "template")
    owners = {
        name: Owner(template, built(template, tmp_path / "services" / name))
        for name in ("behind", "edited")
    }
    owners["edited"].commit({"notes.txt": "all of it ours\n"})
    owners["behind"].release({"notes.txt": "all of it new\n"})
    owners["current"] = Owner(template, built(template, tmp_path / "services/current"))
    for name, owner in owners.items():
        cloned(owner, tmp_path / f"{name}.git")
    return owners


def test_the_script_pushes_what_is_clean_and_names_what_needs_somebody(
    three: dict[str, Owner], tmp_path: Path
) -> None:
    script = tmp_path / "update-services.sh"
    script.write_text(shown("update-fifty-services", script.name), encoding="utf-8")
    before = {name: owner.git("rev-parse", "HEAD") for name, owner in three.items()}
    done = subprocess.run(
        ["bash", str(script), "services", "--no-checks"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith(("pushed", "needs"))]
    assert told == ["pushed: services/behind", "needs somebody: services/edited"], done
    assert done.returncode == 1
    pushed = git(tmp_path / "behind.git", "show", "drydock-update:notes.txt")
    assert pushed == "all of it new\n"
    for name in ("edited", "current"):
        assert "drydock-update" not in git(tmp_path / f"{name}.git", "branch")
    for name, owner in three.items():
        assert owner.git("status", "--porcelain") == ""
        assert owner.git("branch", "--show-current") == "main\n"
        assert owner.git("rev-parse", "HEAD") == before[name]


@pytest.mark.needs("node")
def test_the_workflow_is_sound(tmp_path: Path) -> None:
    name = ".github/workflows/update-services.yml"
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(shown("update-fifty-services", name), encoding="utf-8")
    assert refused_by_zizmor(tmp_path) == ""
    assert refused_by_actionlint(tmp_path) == ""


def test_the_answers_of_a_house_are_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet_home(monkeypatch, tmp_path / "home")
    template = small_releases(tmp_path / "template")
    house = tmp_path / "house.yml"
    house.write_text(shown("your-own-fork", house.name), encoding="utf-8")
    options = ("--data-file", str(house), "--template", str(template))
    told = drydock("preview", ".copier-answers.yml", *options)
    assert told.code == 0, told
    answers = yaml.safe_load(told.out)
    assert answers.items() >= yaml.safe_load(house.read_text()).items()


def test_a_default_is_one_line_in_a_fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet_home(monkeypatch, tmp_path / "home")
    template = small_releases(tmp_path / "template")
    interview = (template / "copier.yml").read_text(encoding="utf-8")
    fork = yaml.safe_load(shown("your-own-fork", "copier.yml"))["license"]
    old = yaml.safe_load(interview)["license"]
    assert fork["type"] == old["type"]
    changed = interview.replace(f"default: {old['default']}\n", f"default: {fork['default']}\n", 1)
    (template / "copier.yml").write_text(changed, encoding="utf-8")
    git(template, "commit", "--quiet", "--all", "--message", "Our licence")
    told = drydock(
        *("preview", ".copier-answers.yml", "--template", str(template), "--ref", "HEAD")
    )
    assert yaml.safe_load(told.out)["license"] == "Proprietary"

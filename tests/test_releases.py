"""A release can be updated to: it has notes, and each answer of an earlier one is still known."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from drydock import changelog
from drydock.changelog import MUST_DO
from drydock.variants.interview import values_of
from extensions import changes
from tests.harness.history import Released, git, released
from tests.harness.paths import ROOT
from tests.harness.variants import questions

CHANGELOG = changelog.read(ROOT)
# What a service is made from: a change of it is one that its owners are told of.
MADE_FROM = ("copier.yml", "extensions", "template")
Questions = Mapping[str, Mapping[str, Any]]


def questions_of(release: Released) -> Questions:
    """Read the questions of a release."""
    text = yaml.safe_load(release.read("copier.yml"))
    return {name: what for name, what in text.items() if not name.startswith("_")}


def takes(interview: Questions, question: str, answer: object) -> bool:
    """Say whether a question is asked and takes an answer; one of free text takes any."""
    if question not in interview:
        return False
    values = values_of(question, interview[question])
    return not values or answer in values


def lost(then: Questions, now: Questions) -> list[str]:
    """Name each answer of an earlier interview that a later one neither takes nor finds moved."""
    found = []
    for name, details in then.items():
        for value in values_of(name, details) or ("any text",):
            [(question, answer)] = (changes.moved_answers({name: value}) or {name: value}).items()
            if not takes(now, question, answer):
                found.append(f"{name}: {value}")
    return found


@pytest.fixture(scope="module")
def releases() -> list[Released]:
    """The releases so far; where history is cut off, only the tests that need them fail."""
    return released()


def test_every_release_says_what_its_owners_must_do() -> None:
    silent = [each for each in CHANGELOG if not each.must_do and (each.version or each.sections)]
    assert [each.version for each in silent] == []


def test_versions_fall_and_have_dates() -> None:
    versions = [each.version for each in CHANGELOG if each.version]
    assert versions == sorted(versions, reverse=True)
    assert len(set(versions)) == len(versions)
    assert [each.version for each in CHANGELOG if each.version and not each.date] == []


def test_what_is_not_released_yet_comes_first_and_every_heading_is_understood() -> None:
    text = (ROOT / changelog.FILE).read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert len(headings) == len(CHANGELOG)
    assert headings[0] == "## [Unreleased]"
    for heading, each in zip(headings[1:], CHANGELOG[1:], strict=True):
        assert heading == f"## [{each.version}] - {each.date}"


def test_what_has_changed_since_the_last_release_has_notes(releases: list[Released]) -> None:
    since = releases[-1].commit
    changed = git(ROOT, "diff", "--name-only", since, "--", *MADE_FROM).split()
    changed += git(ROOT, "ls-files", "--others", "--exclude-standard", "--", *MADE_FROM).split()
    if changed:
        [unreleased] = [each for each in CHANGELOG if each.version is None]
        assert unreleased.must_do, f"CHANGELOG.md says nothing of {changed[:5]}"
        assert set(unreleased.sections) - {MUST_DO}, "CHANGELOG.md does not say what is new"


def test_every_answer_of_a_release_is_one_today(releases: list[Released]) -> None:
    for each in releases:
        assert lost(questions_of(each), questions()) == [], (
            f"answers of {each.version} are gone: say in MOVED (extensions/changes.py) where to"
        )


def test_what_took_the_place_of_a_question_finds_its_answers() -> None:
    for moved in changes.MOVED.values():
        default = str(questions()[moved.question]["default"])
        assert f"carried('{moved.question}', " in default, "see MOVED (extensions/changes.py)"


THEN: Questions = {
    "broker": {"choices": ["redis", "rabbitmq"]},
    "example": {"type": "bool"},
    "name": {},
}


@pytest.mark.parametrize(
    ("moved", "gone"),
    [
        ({}, ["broker: rabbitmq", "name: any text"]),
        ({"name": changes.Moved("title")}, ["broker: rabbitmq"]),
        ({"name": changes.Moved("titel"), "broker": changes.Moved("queue")}, None),
        (
            {
                "name": changes.Moved("title"),
                "broker": changes.Moved("broker", {"rabbitmq": "amqp"}),
            },
            [],
        ),
    ],
)
def test_answers_that_are_lost_are_named(
    moved: dict[str, changes.Moved], gone: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now: Questions = {
        "broker": {"choices": {"Redis": "redis", "RabbitMQ": "amqp"}},
        "example": {"choices": [True, False]},
        "title": {},
    }
    monkeypatch.setattr(changes, "MOVED", moved)
    everything = ["broker: redis", "broker: rabbitmq", "name: any text"]
    assert lost(THEN, now) == (everything if gone is None else gone)

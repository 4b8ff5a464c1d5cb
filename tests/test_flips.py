"""An answer changed later, and changed back: after an update a service is what it would be new.

Every question of copier.yml is here on the day it is added: it may change, or stands in `FOR_GOOD`.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import lcm
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from drydock.variants.interview import Answers
from extensions.changes import FOR_GOOD
from tests.command import Command, read_until
from tests.harness.paths import ROOT
from tests.harness.releases import commit, first_release, generate, git, recorded, update
from tests.harness.variants import (
    Variant,
    all_variants,
    array,
    interview,
    render,
    with_answer,
)
from tests.test_questions import GOOD, QUESTIONS

# The questions with a list of answers; the others take a text.
with interview() as asked:
    VALUES = {question.name: list(question.values) for question in asked.varied}
NAME: Answers = {"project_name": "Harbour Desk"}

Tree = dict[str, tuple[int, bytes]]
FOLDER = (0, b"a folder")


@dataclass(frozen=True)
class Round:
    """Answers that a service takes one after another, until it is back at its first ones."""

    name: str
    first: Answers
    others: tuple[Answers, ...]


def other_values(question: str) -> list[Any]:
    """Give every value of a question with the default first; of a text, a few that are good."""
    if question not in VALUES:
        return GOOD[question][:4]
    default = QUESTIONS[question]["default"]
    return sorted(VALUES[question], key=lambda value: bool(value != default))


def all_at_once(kept: Answers) -> Round:
    """Give a round in which every question takes each of its values, many at a time."""
    changing = {name: other_values(name) for name in QUESTIONS if name not in FOR_GOOD}
    stops: list[Answers] = []
    met: set[tuple[str, Any]] = set()
    with interview() as asked:
        questions = {question.name: question for question in asked.questions}
        for number in range(lcm(*map(len, changing.values()))):
            answers = dict(kept)
            for name, each in changing.items():
                if asked.is_asked(questions[name], answers):
                    answers[name] = each[number % len(each)]
            if not met.issuperset(answers.items()):
                stops.append(answers)
                met.update(answers.items())
    return Round("all-" + "-".join(kept.values()), stops[0], tuple(stops[1:]))


def shape(variant: Variant) -> Answers:
    """Give the answers of a variant without who it is, which would change too."""
    return Variant(variant.answers).data()


def one_at_a_time(base: Variant) -> Iterator[Round]:
    """Give rounds from a variant, in each of which one question takes its other values.

    Questions that are asked only then change with it. A question that is not at its default here
    has its round from another variant.
    """
    for question in VALUES:
        if question in FOR_GOOD or base[question] != QUESTIONS[question]["default"]:
            continue
        others = [
            with_answer(base, question, value)
            for value in VALUES[question]
            if value != base[question]
        ]
        yield Round(f"{question}-{base}", shape(base), tuple(map(shape, others)))


def rounds(config: pytest.Config) -> list[Round]:
    """Give a round in the default layout; with `--proof` in each, and one of each question too."""
    choices = [[(name, value) for value in other_values(name)] for name in FOR_GOOD]
    found = [all_at_once(dict(kept)) for kept in product(*choices)]
    if not config.getoption("proof"):
        return found[:1]
    part = config.getoption("shard")
    found += [each for base in array(2, part) for each in one_at_a_time(base)]
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "round_trip" in metafunc.fixturenames:
        chosen = rounds(metafunc.config)
        metafunc.parametrize("round_trip", chosen, ids=[each.name for each in chosen])


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a repository with a release; no test here writes another."""
    return first_release(tmp_path_factory.mktemp("releases") / "template")


@pytest.fixture(scope="module")
def new_tree(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Answers], Tree]:
    """Give the tree of a new service with these answers; each is rendered once."""
    known: dict[str, Tree] = {}

    def rendered(answers: Answers) -> Tree:
        key = repr(sorted(answers.items()))
        if key not in known:
            place = tmp_path_factory.mktemp("new") / "service"
            known[key] = tree(render(answers, place, releases))
            shutil.rmtree(place)
        return known[key]

    return rendered


def tree(service: Path) -> Tree:
    """Read all that a service holds: files with their executable bits, and folders."""
    found = {}
    for path in sorted(service.rglob("*")):
        name = path.relative_to(service)
        if name.parts[0] == ".git":
            continue
        bits = path.stat().st_mode & 0o111
        found[name.as_posix()] = FOLDER if path.is_dir() else (bits, path.read_bytes())
    return found


def rendered_on_copy_only() -> tuple[str, ...]:
    """Read from copier.yml what an update leaves alone."""
    config = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    patterns = [
        Environment().from_string(each).render(_copier_operation="update")
        for each in config["_exclude"]
    ]
    assert all(patterns)
    return tuple(patterns)


def parted(whole: Tree) -> tuple[Tree, Tree]:
    """Part a tree: what an update brings up to date, and what is rendered on copy only."""
    owned = {name: what for name, what in whole.items() if name.startswith(rendered_on_copy_only())}
    return {name: what for name, what in whole.items() if name not in owned}, owned


def differing(one: Tree, other: Tree) -> list[str]:
    """Name what two trees do not have in common."""
    return sorted(name for name in one | other if one.get(name) != other.get(name))


def test_answers_change_and_change_back(
    round_trip: Round, releases: Path, new_tree: Callable[[Answers], Tree], tmp_path: Path
) -> None:
    service = generate(releases, tmp_path / "service", NAME | round_trip.first)
    first, answers = tree(service), recorded(service)
    for changed in round_trip.others:
        update(service, changed)
        now, owned = parted(tree(service))
        assert differing(now, parted(new_tree(NAME | changed))[0]) == []
        assert differing(owned, parted(first)[1]) == []
        commit(service, "Changed")
    update(service, answers)
    assert differing(tree(service), first) == []


@pytest.mark.parametrize("question", VALUES)
def test_only_an_answer_that_is_for_good_moves_files(
    question: str, new_tree: Callable[[Answers], Tree]
) -> None:
    """A file with the same content at another path: an update would lose the edits in it."""
    answers = next(
        shape(each) for each in all_variants() if each[question] == QUESTIONS[question]["default"]
    )
    before = new_tree(NAME | answers)
    moved = []
    for value in other_values(question):
        after = new_tree(NAME | answers | {question: value})
        gone = {what for name, what in before.items() if name not in after} - {FOLDER}
        moved += [name for name, what in after.items() if name not in before and what in gone]
    assert bool(moved) == (question in FOR_GOOD), moved


def test_edits_survive_where_their_file_does(releases: Path, tmp_path: Path) -> None:
    service = generate(releases, tmp_path / "service", NAME)
    kept = ["app/main.py", "app/registry.py", "README.md"]  # the answer changes the last two
    for name in [*kept, "app/users/service.py"]:
        with (service / name).open("a", encoding="utf-8") as file:
            file.write("\n# The owner's line.\n")
    (service / "app/users/own.py").write_text("# The owner's file.\n", encoding="utf-8")
    commit(service, "Our own")
    edited = tree(service)

    update(service, {"auth": "none"})

    # A file that goes away takes the edits with it, and Git shows that it is gone.
    assert " D app/users/service.py\n" in git(service, "status", "--porcelain")
    assert all("# The owner's line." in (service / name).read_text("utf-8") for name in kept)
    assert (service / "app/users/own.py").exists()
    commit(service, "Without accounts")

    update(service, {"auth": "jwt"})

    assert differing(tree(service), edited) == ["app/users/service.py"]
    git(service, "checkout", "HEAD~", "--", "app/users/service.py")
    assert tree(service) == edited


REFUSED = [
    (question, value)
    for question in FOR_GOOD
    for value in VALUES[question]
    if value != QUESTIONS[question]["default"]
]


@pytest.mark.parametrize("command", ["update", "recopy --overwrite", "copy --overwrite"])
@pytest.mark.parametrize(("question", "value"), REFUSED)
def test_answer_that_is_for_good_is_refused(
    question: str, value: Any, command: str, releases: Path, tmp_path: Path
) -> None:
    service = generate(releases, tmp_path / "service", NAME)
    options = [*command.split(), "--trust", "--defaults", "-d", f"{question}={value}"]
    source = [str(releases)] if command.startswith("copy") else []

    done = Command(tmp_path).python("copier", *options, *source, str(service))

    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert f"'{question}': must stay" in said
    assert FOR_GOOD[question] in said
    assert "Traceback" not in done.stderr
    assert git(service, "status", "--porcelain", "--ignored") == ""


@pytest.mark.parametrize(("question", "value"), REFUSED)
def test_answer_that_is_for_good_is_refused_when_it_is_chosen(
    question: str, value: Any, releases: Path, tmp_path: Path
) -> None:
    service = generate(releases, tmp_path / "service", NAME)
    options = ["update", "--trust", "--defaults", "--ask", question, str(service)]
    known = VALUES[question]
    down = known.index(value) - known.index(QUESTIONS[question]["default"])

    with Command(tmp_path).terminal(*options, module="copier") as (process, screen):
        read_until(screen, QUESTIONS[question]["help"][:20])
        screen.write(b"\x1b[B" * down + b"\r")
        read_until(screen, "must stay")
        assert process.wait(timeout=60) == 1

    assert git(service, "status", "--porcelain", "--ignored") == ""


def test_answer_that_is_for_good_is_asked_once() -> None:
    once = {name: what["ask"] for name, what in QUESTIONS.items() if "ask" in what}
    assert once == {name: f"{{{{ may_change('{name}') }}}}" for name in FOR_GOOD}

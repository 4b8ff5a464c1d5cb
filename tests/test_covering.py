"""The variants: everything that the interview offers, each pair of it, in few services."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
import yaml

from drydock.errors import Refused
from drydock.rendering import loaded
from drydock.source import Source
from drydock.variants import covering
from drydock.variants.covering import Variant, choose, covering_array, identified
from drydock.variants.interview import HOSTILE, Interview
from tests.harness.paths import ROOT
from tests.harness.variants import (
    OF_A_TEMPLATE,
    all_variants,
    array,
    array_of_code,
    broker_of,
    decides_code,
    questions,
)
from tests.harness.variants import interview as interview_of_the_template

YES = {"type": "bool", "default": True, "help": "x"}
ONE = {"type": "str", "choices": ["x", "y", "z"], "default": "x"}


@contextmanager
def asking(folder: Path, asked: Mapping[str, Any]) -> Iterator[Interview]:
    """Open an interview with these questions."""
    folder.mkdir(exist_ok=True)
    (folder / "copier.yml").write_text(yaml.safe_dump(dict(asked), sort_keys=False))
    with loaded(Source(str(folder), None), folder / "x") as template:
        yield Interview(template)


def combined(rows: list[dict[str, Any]], strength: int) -> set[tuple[tuple[str, Any], ...]]:
    """Give each combination of so many answers that a row has."""
    return {answers for row in rows for answers in combinations(row.items(), strength)}


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_each_combination_that_the_product_has_is_covered(strength: int) -> None:
    with interview_of_the_template() as asked:
        whole, rows = covering.product(asked), covering_array(asked, strength)
    assert combined(rows, strength) == combined(whole, strength)
    assert all(row in whole for row in rows)


def test_each_pair_of_answers_that_decide_code_is_run_and_each_answer() -> None:
    with interview_of_the_template(OF_A_TEMPLATE) as asked:
        deciding = {each.name for each in asked.varied if decides_code(asked, each)}
    assert deciding >= {"layout", "database", "auth", "example", "tasks", "celery_broker"}
    assert "license" not in deciding
    run, whole = (
        [{name: each[name] for name in deciding} for each in variants]
        for variants in (array_of_code(), all_variants())
    )
    assert combined(run, 2) == combined(whole, 2)
    known = {answer for each in all_variants() for answer in each.answers}
    assert {answer for each in array_of_code() for answer in each.answers} == known
    assert {each.answers for each in array_of_code()} <= {each.answers for each in all_variants()}
    assert len(array_of_code()) < len(array(2))


def test_the_product_is_what_copier_would_ask() -> None:
    """Counted by hand from what copier.yml says, not by the code that reads it."""
    asked = {name: each for name, each in questions().items() if name != "celery_broker"}
    sizes = [
        len(each.get("choices", [True, False]))
        for each in asked.values()
        if "choices" in each or each["type"] == "bool"
    ]
    number = 1
    for size in sizes:
        number *= size
    # A third of them has Celery, and each of those a second time with the other broker.
    assert len(all_variants()) == len(set(map(str, all_variants()))) == number + number // 3
    assert {(each["tasks"], each["celery_broker"], broker_of(each)) for each in all_variants()} == {
        ("none", None, None),
        ("arq", None, "redis"),
        ("celery", "redis", "redis"),
        ("celery", "rabbitmq", "rabbitmq"),
    }


def test_pairs_cost_little() -> None:
    """No array of pairs is smaller than the product of the two questions with most answers."""
    sizes = sorted(len(each.get("choices", [1, 2])) for each in questions().values())
    assert len(array(2)) <= 1.25 * sizes[-1] * sizes[-2]
    assert len(array(2)) < len(array(3)) < len(all_variants())


def test_other_processes_compute_the_same_variants() -> None:
    code = "from tests.harness.variants import array; print(*array(2), *array(3))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == [str(each) for each in (*array(2), *array(3))]


def test_new_question_is_covered_on_the_day_it_is_added(tmp_path: Path) -> None:
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    asked = yaml.safe_load(text) | {"cache": YES, "store": ONE | {"when": "{{ cache }}"}}
    for folder in ("extensions", "template"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    with asking(tmp_path, asked) as interview:
        rows = covering_array(interview, 2)
    for database, store in product(("sqlite", "postgres"), ("x", "y", "z")):
        assert any(row["database"] == database and row["store"] == store for row in rows)
    assert all((row["store"] is None) == (not row["cache"]) for row in rows)
    assert len(rows) <= 1.25 * len(array(2))


def test_parts_are_the_whole() -> None:
    with interview_of_the_template() as asked:
        parts = [choose(asked, 2, f"{number}/3", []) for number in (1, 2, 3)]
        assert sorted(str(each) for part in parts for each in part) == sorted(map(str, array(2)))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
        for bad in ("0/3", "4/3", "1", "a/b", "1/3/5", "", "-1/3", "1/0", "٣/٣"):
            with pytest.raises(Refused, match="--shard"):
                choose(asked, 2, bad, [])


def test_any_variant_can_be_asked_for_by_its_name() -> None:
    with interview_of_the_template() as asked:
        first = array(2)[0]
        assert choose(asked, 2, "1/1", [str(first)]) == [first]
        other = next(each for each in all_variants() if str(each) not in set(map(str, array(2))))
        assert choose(asked, 2, "1/1", [str(other)])[0].answers == other.answers
        with pytest.raises(Refused, match="no variant is called 'x'"):
            choose(asked, 2, "1/1", ["x"])


def test_hostile_texts_rotate_through_the_variants() -> None:
    with interview_of_the_template() as asked:
        texts = {question.name: set(asked.hostile(question)) for question in asked.texts}
    assert set(texts) == {n for n, each in questions().items() if "choices" not in each} - {
        "example"
    }
    for name, taken in texts.items():
        assert {each.data()[name] for each in array(2)} == taken <= set(HOSTILE)
    assert all(len(taken) > 1 for taken in texts.values())


def test_variant_speaks_of_what_is_asked() -> None:
    variant = Variant((("a", "x y/z"), ("b", True), ("c", False), ("d", None)), (("name", "N"),))
    assert str(variant) == "x_y_z-b-no_c"
    assert variant.data() == {"name": "N", "a": "x y/z", "b": True, "c": False}
    assert variant["d"] is None
    with pytest.raises(KeyError):
        variant["no such question"]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"port": {"type": "int", "default": 1}}, "port .* type int"),
        ({"extra": {"type": "yaml"}}, "extra .* type yaml"),
        ({"many": ONE | {"multiselect": True}}, "many .* takes many at once"),
        ({"late": {"type": "str", "choices": "{{ [1] }}"}}, "late .* choices are computed"),
        ({"a": YES, "never": ONE | {"when": "{{ a and not a }}"}}, "never: 'x' can never"),
        ({"a": YES, "b": ONE | {"validator": "{{ 'no' if b == 'z' }}"}}, "b: 'z' can never"),
        ({"a": YES, "b": ONE | {"when": "{{ nothing.at_all }}"}}, "b of .* its condition"),
        ({"a": YES, "name": {"type": "str", "validator": "no"}}, "name takes none"),
        ({"a": {"type": "str", "choices": ["x y", "x/y"]}}, "the same name"),
        ({"name": {"type": "str"}}, "no question with"),
    ],
)
def test_interview_that_cannot_be_varied(asked: dict[str, Any], named: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=named) as caught, asking(tmp_path, asked) as interview:
        identified(interview, covering_array(interview, 1))
    assert "\n" not in str(caught.value)


def test_computed_value_is_no_question(tmp_path: Path) -> None:
    hidden = {"type": "str", "default": "{{ a }}", "when": False}
    with asking(tmp_path, {"a": YES, "computed": hidden}) as interview:
        assert [question.name for question in interview.questions] == ["a"]


def test_validator_is_a_constraint(tmp_path: Path) -> None:
    other = ONE | {"validator": "{{ 'no' if b == 'z' and not a }}"}
    with asking(tmp_path, {"a": YES, "b": other, "c": YES}) as interview:
        rows = covering_array(interview, 2)
        assert {(row["a"], row["b"]) for row in rows} == set(
            product([True, False], ["x", "y", "z"])
        ) - {(False, "z")}
        assert combined(rows, 2) == combined(covering.product(interview), 2)


def test_choices_of_every_form_are_read(tmp_path: Path) -> None:
    forms = {
        "plain": {"type": "str", "choices": ["a", "b"]},
        "mapped": {"type": "str", "choices": {"A": "a", "B": {"value": "b"}}},
        "paired": {"type": "int", "choices": [["one", 1], ["two", 2]]},
        "bool": {"type": "bool"},
    }
    with asking(tmp_path, forms) as interview:
        values = [question.values for question in interview.questions]
        assert values == [("a", "b"), ("a", "b"), (1, 2), (True, False)]

"""The variants: everything that the interview offers, each pair of it, in few services."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest
import yaml

from drydock.errors import Refused
from drydock.rendering import loaded
from drydock.source import Source
from drydock.variants import covering
from drydock.variants.covering import Variant, choose, covering_array, identified, shard
from drydock.variants.interview import HOSTILE, Interview
from tests.harness.paths import ROOT
from tests.harness.variants import (
    all_variants,
    array,
    array_of_code,
    broker_of,
    families,
    names_of_words,
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


def possible(asked: Interview, strength: int) -> set[tuple[tuple[str, Any], ...]]:
    """Give each combination of so many answers that can be given, without the whole product.

    What decides whether a question is asked is looked at with it.
    """
    found = set()
    for chosen in combinations(asked.varied, strength):
        names = {each.name for each in chosen}
        near = names.union(*(each.follows for each in chosen))
        for row in covering.product(covering.narrowed(asked, near)):
            found.add(tuple((name, value) for name, value in row.items() if name in names))
    return found


@pytest.mark.parametrize("strength", [1, 2, 3])
def test_each_combination_that_can_be_is_covered(strength: int) -> None:
    with interview_of_the_template() as asked:
        rows = covering_array(asked, strength)
        assert combined(rows, strength) == possible(asked, strength)
        assert all(asked.allows(question, row) for question in asked.varied for row in rows)


def test_the_product_of_a_small_interview_is_covered(tmp_path: Path) -> None:
    """The same, held against every row that there is: what is asked after what is, too."""
    small = {
        "a": YES,
        "b": ONE | {"when": "{{ a }}"},
        "c": ONE | {"when": "{{ b == 'y' }}"},
        "d": YES,
    }
    with asking(tmp_path, small) as asked:
        whole = covering.product(asked)
        assert covering.size(asked) == len(whole) == 12
        for strength in (1, 2, 3):
            assert possible(asked, strength) == combined(whole, strength)
            assert combined(covering_array(asked, strength), strength) == combined(whole, strength)
            assert all(row in whole for row in covering_array(asked, strength))


def test_a_group_that_is_too_large_to_list_is_covered_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {
        "a": YES,
        "b": ONE | {"when": "{{ a }}"},
        "c": ONE | {"validator": "{{ 'no' if a and c == 'z' }}"},
    }
    monkeypatch.setattr(covering, "LISTED", 1)
    with asking(tmp_path, small) as asked:
        whole = covering.product(asked)
        assert combined(covering_array(asked, 2), 2) == combined(whole, 2)
        assert all(row in whole for row in covering_array(asked, 2))


def test_each_pair_of_answers_that_decide_code_is_run_and_each_answer() -> None:
    with interview_of_the_template() as asked:
        deciding = {each.name for each in asked.varied} - names_of_words()
    assert deciding == {
        *("layout", "database", "auth", "api_keys", "example", "tasks", "celery_broker", "sentry"),
        "telemetry",
    }
    run, whole = (
        [{name: each[name] for name in deciding} for each in variants]
        for variants in (array_of_code(), all_variants())
    )
    assert combined(run, 2) == combined(whole, 2)
    known = {answer for each in all_variants() for answer in each.answers}
    assert {answer for each in array_of_code() for answer in each.answers} == known
    with interview_of_the_template() as asked:
        for question in asked.varied:
            assert all(asked.allows(question, dict(each.answers)) for each in array_of_code())
    assert len(array_of_code()) < len(array(2))


def test_a_family_is_one_code_with_each_answer_that_decides_words() -> None:
    whole, some = families(), families(3)
    words = names_of_words()

    def part(variant: Variant, is_code: bool) -> dict[str, Any]:
        return {name: v for name, v in variant.answers if (name not in words) == is_code}

    for family in (*whole, *some):
        assert all(part(each, True) == part(family[0], True) for each in family)
        assert len({each.identity for each in family}) == 1
        for name in words:
            assert {each[name] for each in family} == {each[name] for each in whole[0]}
    codes, chosen = ([part(family[0], True) for family in each] for each in (whole, some))
    assert len(set(map(repr, codes))) == len(codes) > len(chosen)
    assert combined(chosen, 3) == combined(codes, 3)
    # Those few trees hold each pair of the other answers too, and in a proof each code does.
    with interview_of_the_template() as asked:
        pairs = possible(covering.narrowed(asked, words), 2)
    assert combined([part(each, False) for each in chain(*some)], 2) == pairs
    for family in whole:
        assert combined([part(each, False) for each in family], 2) == pairs


def test_the_product_is_what_copier_would_ask() -> None:
    """Counted by hand from what copier.yml says, not by the code that reads it."""
    conditional = {"celery_broker", "api_keys", "proxy"}
    asked = {name: each for name, each in questions().items() if name not in conditional}
    sizes = [
        len(each.get("choices", [True, False]))
        for each in asked.values()
        if "choices" in each or each["type"] == "bool"
    ]
    number = 1
    for size in sizes:
        number *= size
    # A third of them has Celery, and each of those a second time with the other broker; half of
    # all have accounts, and each of those a second time with API keys.
    number += number // 3
    number += number // 2
    # Half of all has a Dockerfile, and each of those one of three answers to who stands before it.
    number += number // 2 * 2
    with interview_of_the_template() as the_interview:
        assert covering.size(the_interview) == number
    assert len(all_variants()) == len(set(map(str, all_variants()))) < number
    assert {(each["tasks"], each["celery_broker"], broker_of(each)) for each in all_variants()} == {
        ("none", None, None),
        ("arq", None, "redis"),
        ("celery", "redis", "redis"),
        ("celery", "rabbitmq", "rabbitmq"),
    }


def test_pairs_cost_little() -> None:
    """No array of pairs is smaller than the product of the two questions with most answers."""
    sizes = sorted(len(each.get("choices", [1, 2])) for each in questions().values())
    assert len(array(2)) <= 4 / 3 * sizes[-1] * sizes[-2]
    assert len(array(2)) < len(array(3)) < len(all_variants())


def test_another_process_computes_the_same_variants() -> None:
    code = "from tests.harness.variants import array; print(*array(2), *array(3))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "1", "PATH": "/usr/bin:/bin"},  # sets have another order there
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
    whole = array(2)
    parts = [shard(whole, f"{number}/3") for number in (1, 2, 3)]
    assert sorted(str(each) for part in parts for each in part) == sorted(map(str, whole))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for bad in ("0/3", "4/3", "1", "a/b", "1/3/5", "", "-1/3", "1/0", "٣/٣"):
        with pytest.raises(Refused, match="--shard"):
            shard(whole, bad)
    with interview_of_the_template() as asked:
        assert [str(each) for each in choose(asked, 2, "2/3", [])] == list(map(str, parts[1]))


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
    assert set(texts) == {
        name
        for name, each in questions().items()
        if "choices" not in each and each["type"] != "bool"
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

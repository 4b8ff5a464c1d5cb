"""What people type for name, description and author comes out as typed, in every file type."""

import tempfile
import tomllib
from pathlib import Path
from typing import Final

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from extensions import untouched
from tests.harness import trees
from tests.harness.variants import render_in_series

HOSTILE = [
    r"""Ada's "Best" \ Service""",
    r"trailing backslash\\",
    r"\n is \u0041 not \x41",
    "{x} {0} {} }{",
    "%s %(x)s ${HOME} $(id) `id`",
    "</script><b>&amp; &#35; <!-- -->",
    "🚢 Hafen 👩\u200d🚀",
    "港口服务 Причал Ζεύς עברית",
    "*bold* _it_ [a](b) ![i](j) ~~s~~ | # ## #",
    "'''\"\"\"",
    "- item: [1, 2] # comment",
    "1. first",
    "+ plus",
    "---",
    "===",
    "~~~",
    ": & * ! | > @ ` ?",
    "null",
    "0o17",
    "x" * 80,
    "w " * 39 + "w",
    "Ада Лавлейс × — ’",  # noqa: RUF001, letters that look like others are names too
]
INVISIBLE: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def lines(longest: int) -> st.SearchStrategy[str]:
    """Draw one line as the interview accepts it."""
    specials = st.sampled_from(list("\\\"'`{}%$#&<>*_[]()|-+=~:!@?,.;/ \u200d"))
    letters = st.characters(exclude_categories=INVISIBLE)
    return (
        st.text(specials | letters, min_size=1, max_size=longest)
        .map(str.strip)
        .filter(lambda text: text and not any(mark in text for mark in ("{{", "{%", "{#")))
    )


def check_identity(template: Path, name: str, description: str, author: str) -> None:
    """Render a service with this identity, and read it back from every place that has it."""
    identity = {"project_name": name, "description": description, "author_name": author}
    with tempfile.TemporaryDirectory() as folder:
        tree = render_in_series(
            identity | {"project_slug": "harbour"}, Path(folder) / "tree", template
        )
        assert trees.unparsable(tree) == []
        assert trees.refused_by_ruff(tree) == ""
        answers = yaml.safe_load(trees.read(tree / ".copier-answers.yml"))
        assert answers["_sum"] == untouched.sum_of(answers)
        assert {key: answers[key] for key in identity} == identity
        project = tomllib.loads(trees.read(tree / "pyproject.toml"))["project"]
        assert project["description"] == description
        assert project["authors"] == [{"name": author}]
        about = trees.constants(tree / "app/core/about.py")
        assert (about["TITLE"], about["DESCRIPTION"]) == (name, description)
        assert author in trees.read(tree / "LICENSE").split("\n")[2]
        first, second, *_ = trees.shown(trees.read(tree / "README.md"))
        assert (first, second) == (("h1", name), ("p", description))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_identity_comes_out_as_typed(text: str, template: Path) -> None:
    check_identity(template, text, text, text)


@given(name=lines(80), description=lines(200), author=lines(100))
@example(name='"', description="'", author="\\")
def test_any_identity_comes_out_as_typed(
    name: str, description: str, author: str, template: Path
) -> None:
    check_identity(template, name, description, author)

"""The budget of statements in the template: bodies stay readable as what they render to."""

import re
from pathlib import Path

import pytest

from tests.harness.paths import TEMPLATE

STATEMENT = re.compile(r"\{%[-+]?\s*(?:if|for|set|macro|include|call)\b")
IN_100_LINES = 3
IN_A_FILE = 8


def statements(text: str) -> int:
    """Count the statements that cost: not their ends, not `else`, not the imports block."""
    return len(STATEMENT.findall(text))


def over_budget(folder: Path) -> list[str]:
    """Find what is over the budget: a file, or the tree."""
    found, spent, lines = [], 0, 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if "__pycache__" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        here = statements(text) + statements(path.relative_to(folder).as_posix())
        spent += here
        lines += len(text.splitlines())
        if here > IN_A_FILE:
            found.append(f"{path.relative_to(folder)}: {here} statements, {IN_A_FILE} allowed")
    if spent * 100 > IN_100_LINES * lines:
        found.append(f"the tree: {spent} statements in {lines} lines")
    return found


def test_template_keeps_the_budget() -> None:
    assert any(TEMPLATE.rglob("*.jinja"))
    assert over_budget(TEMPLATE) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("{% if a %}x{% elif b %}y{% else %}z{% endif %}", 1),
        ("{%- for a in b -%}{%endfor%}", 1),
        ("{%if a%}{%- endif %}", 1),
        ("{% set a = 1 %}{% macro m() %}{% endmacro %}{% include 'x' %}{% call m() %}", 4),
        ("{% imports %}import os\n{% endimports %}{{ a if b else c }}{# if #}", 0),
        ("{% format %}{% iffy %}", 0),
    ],
)
def test_what_counts(text: str, count: int) -> None:
    assert statements(text) == count


def test_a_file_can_be_over_budget(tmp_path: Path) -> None:
    (tmp_path / "a.py.jinja").write_text("{% if a %}{% endif %}\n" * 9 + "x\n" * 1000)
    assert over_budget(tmp_path) == ["a.py.jinja: 9 statements, 8 allowed"]


def test_the_tree_can_be_over_budget(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_text("{% set a = 1 %}\n" + "x\n" * 24)
    assert over_budget(tmp_path) == ["the tree: 4 statements in 100 lines"]
    (tmp_path / "e").write_text("x\n" * 34)
    assert over_budget(tmp_path) == []

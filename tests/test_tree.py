"""Every variant as it leaves the template: nothing is started, so all variants are looked at.

tests/test_variants.py runs them; tests/test_static.py shows that each check can fail.
"""

import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.harness import static, trees
from tests.harness.variants import Variant, files_of, render_in_series


def test_trees_are_born_right(family: list[Variant], template: Path, tmp_path: Path) -> None:
    """What reads code has the same to say of a family, whose code is the same: it is asked once."""
    code: set[str] = set()
    for number, variant in enumerate(family):
        tree = tmp_path / str(variant)
        render_in_series({"project_name": "Harbour Desk"} | variant.data(), tree, template)
        before = list(files_of(tree))
        assert len(before) > 20
        check = static.faults if number == 0 else static.faults_to_read
        assert check(variant, tree) == []
        assert list(files_of(tree)) == before, "a check left something in the tree"
        code.add(sum_of_code(tree))
        shutil.rmtree(tree)
    assert len(code) == 1, "an answer that decides words alone decided code"


def sum_of_code(tree: Path) -> str:
    """Sum up what the checks of code read of a tree: modules, commands, settings of tools."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    for words in ("license", "license-files", "classifiers"):
        project["project"].pop(words, None)
    found = hashlib.sha256(json.dumps(project).encode())
    for file in sorted(files_of(tree)):
        if file.suffix == ".py" or file.name in ("Makefile", ".env.example"):
            found.update(f"{file.relative_to(tree)}\0".encode() + file.read_bytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        ("a.py", "x = '{{ x }}'\n", trees.traces),
        ("b.txt", "{% endif %}\n", trees.traces),
        ("README.md", "# A\n\nMade with Copier.\n\n## Updating\n\nWith Copier.\n", trees.traces),
        ("a.py.jinja", "x = 1\n", trees.traces),
        ("a.toml", "a = [\n", trees.unparsable),
        ("a.toml", "a = 1\na = 2\n", trees.unparsable),
        ("a.yml", "a: [\n", trees.unparsable),
        ("a.json", "{,}\n", trees.unparsable),
        ("a.py", "def\n", trees.unparsable),
        ("a.txt", "", trees.badly_made),
        ("a.txt", "\n", trees.badly_made),
        ("a.txt", "x", trees.badly_made),
        ("a.txt", "x\n\n", trees.badly_made),
        ("a.txt", "x \n", trees.badly_made),
        ("run", "#!/bin/sh\n", trees.badly_made),
        ("a.py", "x = 'single'\n", trees.refused_by_ruff),
        ("a.py", "import os\n", trees.refused_by_ruff),
    ],
)
def test_each_check_can_fail(name: str, content: str, check: object, tmp_path: Path) -> None:
    assert callable(check)
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert check(tmp_path)


def test_updating_may_be_spoken_of(tmp_path: Path) -> None:
    text = "# A\n\n## Updating\n\nRun `copier update`.\n\n### How\n\nCopier.\n"
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    assert trees.traces(tmp_path) == []
    (tmp_path / "README.md").write_text(text + "\n## Run\n\nCopier.\n", encoding="utf-8")
    assert trees.traces(tmp_path) == ["README.md: Copier."]


def test_no_allowance_is_stale(template: Path, tmp_path: Path) -> None:
    """A file that never names its maker needs no allowance."""
    tree = render_in_series({"project_name": "Harbour Desk"}, tmp_path / "tree", template)
    assert {
        name
        for name in trees.MAY_NAME_ITS_MAKER
        if not (tree / name).exists() or not trees.TRACE.search(trees.read(tree / name))
    } == set()

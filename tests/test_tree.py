"""Every variant as it leaves the template: clean, parsable, and nothing of what was switched off.

Nothing is installed here, so all variants are looked at; tests/test_variants.py runs them.
"""

import re
from pathlib import Path

import pytest

from tests.harness import trees
from tests.harness.variants import Variant, files_of, render

# What must not be found where an answer leaves it out: (question, answer) -> pattern.
LEFT_OUT = {
    ("auth", "none"): r"pwdlib|pyjwt|\bjwt\b|argon2|SECRET_KEY|access_token|\busers?\.(py|email)",
    ("database", "sqlite"): r"asyncpg|postgres|pgserver",
    ("database", "postgres"): r"sqlite",
    ("example", False): r"\bitems?\.(py|title)|/items|\b(New|Own|All|Existing)Items?\b",
    ("tasks", "none"): r"celery|kombu|\barq\b|redis|rabbit|amqp|BROKER_URL|app worker|make worker",
    ("tasks", "arq"): r"celery|kombu|rabbit|amqp",
    ("tasks", "celery"): r"\barq\b",
    ("celery_broker", "redis"): r"rabbit|amqp",
    ("celery_broker", "rabbitmq"): r"redis",
    ("layout", "domain"): r"app[./](routers|repositories|services)\b",
    ("layout", "layered"): r"app[./](users|items|auth)\b",
}


@pytest.fixture
def tree(any_variant: Variant, template: Path, tmp_path: Path) -> Path:
    return render(
        {"project_name": "Harbour Desk"} | any_variant.data(), tmp_path / "tree", template
    )


def test_tree_is_born_right(any_variant: Variant, tree: Path) -> None:
    assert len(list(files_of(tree))) > 20
    assert trees.unparsable(tree) == []
    assert trees.badly_made(tree) == []
    assert trees.traces(tree) == []
    assert trees.refused_by_ruff(tree) == ""
    assert left_over(any_variant, tree) == []


def left_over(variant: Variant, tree: Path) -> list[str]:
    """Find what belongs to an answer that was not given."""
    found = []
    for (question, answer), pattern in LEFT_OUT.items():
        if variant[question] != answer:
            continue
        for path in files_of(tree):
            name = path.relative_to(tree).as_posix()
            if name == ".copier-answers.yml":
                continue
            found += [
                f"{question}={answer}: {name}: {line.strip()}"
                for line in [name, *trees.read(path).splitlines()]
                if re.search(pattern, line, re.IGNORECASE)
            ]
    return found


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
    tree = render({"project_name": "Harbour Desk"}, tmp_path / "tree", template)
    assert {
        name
        for name in trees.MAY_NAME_ITS_MAKER
        if not (tree / name).exists() or not trees.TRACE.search(trees.read(tree / name))
    } == set()

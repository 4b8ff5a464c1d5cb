"""Later releases of the template as it is, made up: what happens to a template in its life."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.harness.releases import first_release, release

VERSIONS = ("0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0")
SENTENCE = re.compile(r'^( *""".*|[A-Z].*)\.("""|)$', re.MULTILINE)
NOTICES = {
    "__init__.py": '"""What the service has to say."""\n',
    "models.py": """from sqlmodel import Field

from app.core.models import Record


class Notice(Record, table=True):
    text: str = Field(max_length=200)
""",
    "router.py": """from fastapi import APIRouter

router = APIRouter(prefix="/notices", tags=["notices"])


@router.get("")
async def list_notices() -> list[str]:
    return []
""",
}


def with_later_releases(place: Path) -> Path:
    """Make the template a repository of all versions."""
    repository = first_release(place)
    steps = (edit_everywhere, rename_a_module, split_a_module, edit_again)
    for version, step in zip(VERSIONS[1:], steps, strict=True):
        step(repository / "template")
        release(repository, version)
    return repository


def edit_everywhere(template: Path) -> None:
    """Change a line here and there in nearly every file, a default, a list; add a module."""
    edit_sentences(template, ", as it is since 0.2.0")
    replace(template / "app/core/settings/pool.py", "default=10", "default=20")
    replace(template / "pyproject.toml.jinja", "[tool.ruff]\n", "[tool.ruff]\n# The width.\n")
    replace(template / ".env.example.jinja", "", "# Of 0.2.0.\n")
    (template / "app/core/later.py").write_text('"""New, and not for long."""\n\nLATER = 2\n')


def rename_a_module(template: Path) -> None:
    """Give a module another name, and all that import it; delete a file, rename another."""
    rename(template, "app/core/clock.py", "app/core/instants.py")
    rename(template, "tests/core/test_expiry.py", "tests/core/test_expiring.py")
    (template / "tests/core/test_ids.py").unlink()


def split_a_module(template: Path) -> None:
    """Make two modules of one, take one away; add a feature, and a column to a table."""
    errors = template / "app/core/errors.py"
    code = errors.read_text(encoding="utf-8")
    kept, mark, moved = code.partition("def install_problem_handlers(")
    assert mark
    head = kept.partition("\n\n\n")[0].partition("\n")[2]
    names = ["NotModified", "Problem", *re.findall(r"^async def (\w+)", kept, re.MULTILINE)]
    imported = f"from app.core.errors import {', '.join(names)}"
    errors.write_text(kept.rstrip() + "\n", encoding="utf-8")
    (template / "app/core/answering.py").write_text(
        f'"""Answers with problem details."""\n{head}\n\n{imported}\n\n\n{mark}{moved}',
        encoding="utf-8",
    )
    install = "errors import install_problem_handlers"
    replace(template / "app/main.py.jinja", install, install.replace("errors", "answering"))
    (template / "app/core/later.py").unlink()
    (template / "app/notices").mkdir()
    for name, text in NOTICES.items():
        (template / "app/notices" / name).write_text(text, encoding="utf-8")
    line = 'NOTICES = Feature(router="app.notices.router", models="app.notices.models")\n'
    replace(template / "app/registry.py.jinja", "ALL_FEATURES = (", f"{line}ALL_FEATURES = (")
    replace(template / "app/registry.py.jinja", "= (HTTP, WORKER, ", "= (HTTP, WORKER, NOTICES, ")
    key = "    tick: datetime = Field(primary_key=True)\n"
    column = "    served_by: str | None = Field(default=None, max_length=200)\n"
    replace(template / "app/worker/models.py", key, key + column)


def edit_again(template: Path) -> None:
    """Change the same lines once more, and move a module whose lines change too."""
    replace(template / "app/core/settings/pool.py", "default=20", "default=30")
    rename(template, "app/health/checks.py", "app/health/probes.py")
    edit_sentences(template, ", and not as it was before 0.5.0")


def edit_sentences(template: Path, words: str) -> None:
    """Put words at the end of each third line that ends a sentence; one line at least."""
    for file in texts(template):
        found = list(SENTENCE.finditer(file.read_text(encoding="utf-8")))
        text = file.read_text(encoding="utf-8")
        for match in reversed(found[::3]):
            text = text[: match.end(1)] + words + text[match.end(1) :]
        file.write_text(text, encoding="utf-8")


def rename(template: Path, old: str, new: str) -> None:
    """Move a module, and name it anew wherever it is imported."""
    (template / old).rename(template / new)
    before, after = (each.removesuffix(".py").replace("/", ".") for each in (old, new))
    for file in texts(template):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(rf"\b{re.escape(before)}\b", after, text), encoding="utf-8")


def replace(file: Path, old: str, new: str) -> None:
    """Change a text that has to be there; the empty one is the beginning."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r} any more"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def texts(template: Path) -> Iterator[Path]:
    """Give the files in which words may be changed: code, and what people read."""
    for file in sorted(template.rglob("*")):
        if file.name.removesuffix(".jinja").endswith((".py", ".md")):
            yield file

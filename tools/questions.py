"""Writes what the documentation takes from the code: questions, commands, settings, pictures.

python -m tools.questions
"""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from drydock.asking.groups import groups
from drydock.variants.interview import values_of
from extensions.changes import FOR_GOOD
from extensions.layout import PACKAGE_OF
from tools import commands, layouts, settings, variants

ROOT = Path(__file__).resolve().parents[1]
INTERVIEW = ROOT / "copier.yml"
QUESTIONS = ROOT / "docs/reference/questions.md"
DESIGN = ROOT / "docs/design.md"
README = ROOT / "README.md"
VARIANTS = ROOT / "docs/reference/variants.md"
COMMANDS = ROOT / "docs/reference/commands.md"
SETTINGS = ROOT / "docs/reference/settings.md"
DECISIONS = ROOT / "docs/decisions"
PICTURES = ROOT / "docs/pictures"
SITE = ROOT / "zensical.toml"

HEAD = """# Questions

What the interview asks, in its order. Written from `copier.yml` by `make docs`: edit it there.

An update may change an answer, `copier update --trust -d auth=none` for example, unless it is for
good ([what follows](#later)).
"""

LATER = """
## Later

After a change the files of a service are those of a new one with the same answers, and your edits
are merged into them (`tests/test_flips.py`). What an update does not do:

- **Files that an answer takes away** are a conflict where you edited them (`drydock update`), or
  are gone without a word (plain Copier; `git checkout HEAD -- PATH` brings one back). Files that
  you added stay.
- **Your migrations are not touched.** Where models come or go, `drydock update` writes the next
  one; with plain Copier, write it: `uv run app db migrate "with accounts"`. Read it: a new column
  may need a value for the rows that are there.
- **Nothing outside the files moves**: no rows from one database to another, no jobs that wait in a
  queue. Let workers empty the old queue before you deploy. `project_slug` names the database of
  development too, and the queue where `TASK_QUEUE` is not set.
- **Edits beside a changed line conflict**, as in any merge: a dependency that you added next to one
  that goes, for example, or the year in LICENSE, where the licence changes in a later one. Git
  marks them.
- The environment follows with the next `make dev`.

What is refused, before anything is written:

"""


def cell(text: object) -> str:
    """Write a cell of a table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def code(value: object) -> str:
    """Write a value as one types it."""
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    if "|" in shown:  # in a cell, readers of Markdown differ on what a backslash before it does
        return f"<code>{shown.replace('|', '&#124;')}</code>"
    return f"`{shown}`" if shown else "empty"


def allowed(name: str, question: dict[str, Any]) -> str:
    """Say what may be answered."""
    return ", ".join(map(code, values_of(name, question))) or "text"


def default(question: dict[str, Any]) -> str:
    """Say what is taken without an answer."""
    value = question["default"]
    if isinstance(value, str) and "{{" in value:
        return "derived: " + code(value)
    return code(value)


def questions_page(interview: str) -> str:
    """Write the page from the text of copier.yml, a table for each section."""
    page = HEAD
    group_of, section = groups(interview), ""
    for name, question in yaml.safe_load(interview).items():
        if name.startswith("_"):
            continue
        if group_of[name] != section:
            section = group_of[name]
            head = "| question | answers | default | later | |\n| --- | --- | --- | --- | --- |\n"
            page += f"\n## {section}\n\n{head}"
        later = "for good" if name in FOR_GOOD else "may change"
        row = [f"`{name}`", allowed(name, question), default(question), later, question["help"]]
        page += "| " + " | ".join(cell(each) for each in row) + " |\n"
    return page + LATER + "".join(f"- `{name}`: {why}.\n" for name, why in FOR_GOOD.items())


def roles_table() -> str:
    """Write which file holds a role of `users` in either layout."""
    rows = "".join(
        f"| {role} | `app/users/{role}.py` | `app/{package}/users.py` |\n"
        for role, package in PACKAGE_OF.items()
    )
    return "| role | domain | layered |\n| --- | --- | --- |\n" + rows


def questions_table(interview: str) -> str:
    """Write the questions in one table, as the README shows them."""
    rows = "".join(
        f"| `{name}` | {allowed(name, question)} | {cell(question['help'])} |\n"
        for name, question in yaml.safe_load(interview).items()
        if not name.startswith("_")
    )
    return "| question | answers | |\n| --- | --- | --- |\n" + rows


def filled(page: str, mark: str, table: str) -> str:
    """Put a table between its marks, `<!-- roles -->` and `<!-- /roles -->` for example.

    Raises:
        LookupError: where the marks are missing.
    """
    marks = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if not marks.search(page):
        raise LookupError(f"no <!-- {mark} --> … <!-- /{mark} -->")
    return marks.sub(lambda found: f"{found[1]}{table}{found[2]}", page)


def with_decisions(site: str) -> str:
    """Put every decision into the navigation of the site, under the heading that it has."""
    lines = ""
    for page in sorted(DECISIONS.glob("0*.md")):
        title = read(page).partition("\n")[0].removeprefix("# ").replace("`", "")
        named = json.dumps(title, ensure_ascii=False)
        lines += f'      {{ {named} = "decisions/{page.name}" }},\n'
    marks = re.compile(r"(# <decisions>\n).*?(# </decisions>)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}{lines}{found[2]}", site)


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


# Each page, and what writes it with all that it takes from the code.
PAGES: dict[Path, Callable[[], str]] = {
    QUESTIONS: lambda: questions_page(read(INTERVIEW)),
    DESIGN: lambda: filled(read(DESIGN), "roles", roles_table()),
    README: lambda: filled(read(README), "questions", questions_table(read(INTERVIEW))),
    VARIANTS: lambda: filled(read(VARIANTS), "growth", variants.growth()),
    COMMANDS: lambda: filled(read(COMMANDS), "commands", commands.reference()),
    SETTINGS: settings.page,
    SITE: lambda: with_decisions(read(SITE)),
    **{PICTURES / f"{name}.svg": partial(layouts.picture, name) for name in layouts.LAYOUTS},
}


def main() -> None:
    """Write them."""
    for page, write in PAGES.items():
        # Written first, so that a page that cannot be written keeps what it has.
        text = write()
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

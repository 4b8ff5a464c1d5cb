"""Draws the same features in each layout, from what the template has of them: two SVG pictures."""

import re
from collections.abc import Iterable
from pathlib import Path

from extensions.layout import PACKAGE_OF, path

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "template/app"
LAYOUTS = ("domain", "layered")
# Enough to see the difference; the others go the same ways.
SHOWN = ("items", "users")
WIDTH, LINE, INDENT, TOP = 340, 21, 20, 52
# A colour for each role, that can be read on white and on black; a role keeps it in each layout.
HUES = dict(zip(PACKAGE_OF, range(210, 210 + 40 * len(PACKAGE_OF), 40), strict=True))
STYLE = """
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #24292f }
  .name { font-weight: 600 } .title { font: 600 16px system-ui, sans-serif }
  .page { fill: #ffffff; stroke: #d0d7de }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117; stroke: #30363d }
  }
"""


def roles_of(feature: str) -> list[str]:
    """Give the roles that a feature of the template has, in the order of the table of roles."""
    names = [each.name for each in (APP / f"{{{{ at.{feature} }}}}").iterdir()]
    found = {match[1] for name in names if (match := re.match(r"\{\{ at\.\w+\.(\w+) \}\}", name))}
    return [role for role in PACKAGE_OF if role in found]


def files(layout: str) -> list[tuple[str, str]]:
    """Give the files of the features that are shown, each with its role, as a tree lists them."""
    found = [(path(feature, role, layout), role) for feature in SHOWN for role in roles_of(feature)]
    if layout == "layered":
        return sorted(found, key=lambda file: list(PACKAGE_OF).index(file[1]))
    return found


def lines(layout: str) -> Iterable[tuple[int, str, str | None]]:
    """Give the lines of the tree: how deep, what it says, and the role of a file."""
    yield 0, "app/", None
    last = ""
    for file, role in files(layout):
        _, folder, name = file.split("/")
        if folder != last:
            yield 1, f"{folder}/", None
            last = folder
        yield 2, name, role


def picture(layout: str) -> str:
    """Draw the tree of a layout."""
    drawn = ""
    listed = list(lines(layout))
    for number, (depth, name, role) in enumerate(listed):
        x, y = 20 + depth * INDENT, TOP + 10 + number * LINE
        if role:
            drawn += (
                f'<rect x="{x}" y="{y - 10}" width="10" height="10" rx="3" '
                f'fill="hsl({HUES[role] % 360} 65% 52%)"/>\n'
            )
        kind = "file" if role else "name"
        drawn += f'<text class="{kind}" x="{x + (18 if role else 0)}" y="{y}">{name}</text>\n'
    # Both are as high, so that they stand side by side everywhere.
    height = TOP + max(len(list(lines(each))) for each in LAYOUTS) * LINE + 10
    said = f"The {layout} layout: {', '.join(file for file, _ in files(layout))}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img">\n<title>{said}</title>\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="page" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n'
        f'<text class="title" x="20" y="32">layout: {layout}</text>\n{drawn}</svg>\n'
    )

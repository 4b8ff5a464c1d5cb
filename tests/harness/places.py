"""Places for the owner's lines in files that an update merges: the template writes nothing there.

A merge needs a line between two edits that neither of them made. This is what that line is for.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from extensions.requirements import name_of

LINE = "This service's own: a template update never touches what stands below this line."
# A file that ends with such a place, and how it writes the line.
ENDS = {
    ".env.example": f"# ---- {LINE}",
    ".gitignore": f"# ---- {LINE}",
    "AGENTS.md": f"<!-- {LINE} -->",
    "Makefile": f"# ---- {LINE}",
    "README.md": f"<!-- {LINE} -->",
    "pyproject.toml": f"# ---- {LINE}",
}
# A list of pyproject.toml that ends with such a place.
LISTS = ("dependencies", "dev", "select", "ignore")
COMMENT = r"  # This service's own\b[^\n]*:\n"


def faults(tree: Path) -> Iterator[str]:
    """Give the places that a rendered tree lacks, or in which the template wrote something."""
    for name, line in ENDS.items():
        text = (tree / name).read_text(encoding="utf-8")
        if not text.endswith(f"\n\n{line}\n"):
            yield f"{name}: does not end with the line `{line}`"
    project = (tree / "pyproject.toml").read_text(encoding="utf-8")
    for name in LISTS:
        if not re.search(rf"^{name} = \[\n(  [^\n]+\n)+?{COMMENT}\]$", project, re.MULTILINE):
            yield f"pyproject.toml: {name} does not end with a comment for the service's own"
    for name, requirements in required(project).items():
        names = [name_of(requirement) for requirement in requirements]
        if names == sorted(names):
            yield f"pyproject.toml: {name} is sorted: `uv add` would not add at its end"


def required(project: str) -> dict[str, list[str]]:
    """Give the lists to which uv adds."""
    parsed = tomllib.loads(project)
    return {
        "dependencies": parsed["project"]["dependencies"],
        "dev": parsed["dependency-groups"]["dev"],
    }

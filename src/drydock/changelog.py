"""What a template's CHANGELOG.md tells the owner of a service, in the form of Keep a Changelog.

## [Unreleased]
## [0.2.0] - 2026-11-21
### What you must do
- An entry, which may go on in the next line.

A fork of a template may keep another form, or no changelog: what is not understood is passed over,
because no update waits for notes. Where no release is found, there are none to show.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from packaging.version import InvalidVersion, Version

FILE = "CHANGELOG.md"
UNRELEASED = "Unreleased"
MUST_DO = "What you must do"
# [1.2.0] - 2026-11-21, and what else people write: v1.2.0 (2026-11-21), [1.2.0](https://…).
TITLE = re.compile(r"\[?([^]\s]+)\]?(?:\(\S*\))?(?:[\s(–—-]+(\d{4}-\d\d-\d\d))?")  # noqa: RUF001
MARKER = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")


@dataclass(frozen=True)
class Release:
    """A release, or what waits for the next one, which has neither version nor date.

    `sections` has the headings as they are written, each with its entries in Markdown.
    """

    version: Version | None
    date: date | None
    sections: Mapping[str, Sequence[str]]

    @property
    def must_do(self) -> Sequence[str]:
        """What the owner of a service must do, an entry for each item of the list."""
        return self.sections.get(MUST_DO, ())


def read(template: Path) -> list[Release]:
    """Read the changelog of a template; one that cannot be read has no release."""
    try:
        return releases((template / FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return []


def releases(text: str) -> list[Release]:
    """Give the releases in the order of the text."""
    lines = text.split("\n")
    found = []
    for title, blocks in parted(SyntaxTreeNode(MarkdownIt().parse(text)).children, "h2"):
        sections: dict[str, list[str]] = {}
        for heading, inside in parted(blocks, "h3"):
            for block in inside:
                sections.setdefault(heading, []).extend(entries(block, lines))
        if title.strip("[]").casefold() == UNRELEASED.casefold():
            found.append(Release(None, None, sections))
        elif (named := version_and_date(title)) is not None:
            found.append(Release(*named, sections))
    return found


def between(found: Iterable[Release], old: Version, new: Version) -> list[Release]:
    """Give what an update from one version to another brings, in the order in which to do it.

    What is unreleased comes with a version beyond the newest release: a commit after its tag.
    """
    listed = list(found)
    newest = max((each.version for each in listed if each.version), default=old)
    brought = [
        each
        for each in listed
        if (old < each.version <= new if each.version else max(old, newest) < new)
    ]
    return sorted(brought, key=lambda each: each.version or new)


def parted(blocks: Iterable[SyntaxTreeNode], level: str) -> list[tuple[str, list[SyntaxTreeNode]]]:
    """Give each heading of a level with the blocks below it; those before the first have none."""
    found: list[tuple[str, list[SyntaxTreeNode]]] = []
    for block in blocks:
        if block.type == "heading" and block.tag == level:
            found.append((block.children[0].content, []))
        elif found:
            found[-1][1].append(block)
    return found


def version_and_date(title: str) -> tuple[Version, date | None] | None:
    """Read the title of a release; give nothing where it names no version (PEP 440)."""
    if (named := TITLE.match(title)) is None:
        return None
    try:
        version = Version(named[1])
    except InvalidVersion:
        return None
    try:
        return version, date.fromisoformat(named[2] or "")
    except ValueError:
        return version, None


def entries(block: SyntaxTreeNode, lines: Sequence[str]) -> list[str]:
    """Give the items of a list, or any other block as one entry, as they are written."""
    if block.type in {"bullet_list", "ordered_list"}:
        return [entry(item, lines) for item in block.children]
    return [entry(block, lines)]


def entry(block: SyntaxTreeNode, lines: Sequence[str]) -> str:
    """Write an item without its marker; a paragraph in one line, for its wraps mean nothing."""
    begin, end = block.map or (0, 0)
    marker = MARKER.match(lines[begin]) if block.type == "list_item" else None
    width = marker.end() if marker else 0
    text = "\n".join([" " * width + lines[begin][width:], *lines[begin + 1 : end]])
    text = dedent(text).strip()
    is_paragraph = [each.type for each in block.children] in (["paragraph"], ["inline"])
    return " ".join(text.split()) if is_paragraph else text

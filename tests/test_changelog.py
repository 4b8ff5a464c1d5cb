"""A changelog is read as far as it is understood, and what it says to do comes in its order."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from drydock import changelog
from drydock.changelog import FILE, Release, between, releases

LOG = """\
# Changelog

Some words, and a list:

- of nothing.

## [Unreleased]

### What you must do

- Now.

## [0.10.0] - 2026-12-01

### What you must do

- Ten.

## [0.2.0] - 2026-11-21

### Fixed

- Two.

## [0.1.0]

### What you must do

- One.
"""


def only(text: str) -> Release:
    [found] = releases(text)
    return found


def test_releases_come_in_the_order_of_the_text() -> None:
    found = [(each.version, each.date, list(each.must_do)) for each in releases(LOG)]
    assert found == [
        (None, None, ["Now."]),
        (Version("0.10.0"), date(2026, 12, 1), ["Ten."]),
        (Version("0.2.0"), date(2026, 11, 21), []),
        (Version("0.1.0"), None, ["One."]),
    ]


@pytest.mark.parametrize(
    ("title", "version", "day"),
    [
        ("[1.2.0] - 2026-11-21", "1.2.0", date(2026, 11, 21)),
        ("1.2.0", "1.2.0", None),
        ("v1.2.0 (2026-11-21)", "1.2.0", date(2026, 11, 21)),
        ("[1.2.0](https://example.com/1.2.0) -- 2026-11-21 [YANKED]", "1.2.0", date(2026, 11, 21)),
        ("[1.2rc1] - 2026-13-41", "1.2rc1", None),
    ],
)
def test_titles_that_people_write(title: str, version: str, day: date | None) -> None:
    found = only(f"## {title}\n")
    assert (found.version, found.date) == (Version(version), day)


@pytest.mark.parametrize("title", ["[UNRELEASED]", "Unreleased"])
def test_what_is_unreleased_has_no_version(title: str) -> None:
    assert only(f"## {title}\n") == Release(None, None, {})


def test_a_section_of_any_name_is_kept_in_full() -> None:
    text = """\
## [1.0]
Nobody's.
### Sea trials
A paragraph that
wraps.

1. An item
   that wraps.
2. Run

   ```sh
   ## [9.9] is no release
   ```
### Fixed
* *Stressed*, and with
lazy lines.
### Sea trials
- More
  - and deeper.
"""
    assert only(text).sections == {
        "Sea trials": [
            "A paragraph that wraps.",
            "An item that wraps.",
            "Run\n\n```sh\n## [9.9] is no release\n```",
            "More\n- and deeper.",
        ],
        "Fixed": ["*Stressed*, and with lazy lines."],
    }


@pytest.mark.parametrize(
    ("old", "new", "brought"),
    [
        ("0.1.0", "0.10.0", ["0.2.0", "0.10.0"]),
        ("0.2.0", "0.2.0", []),
        ("0.10.0", "0.2.0", []),
        ("0.1", "0.2.1", ["0.2.0"]),
        ("0.2.0", "0.10.0.post3.dev0+4958b1c", ["0.10.0", "Unreleased"]),
        ("0.10.0.post3.dev0+4958b1c", "0.10.0.post9.dev0+b89d5f4", ["Unreleased"]),
        ("0.10.0.post3.dev0+4958b1c", "0.10.0.post3.dev0+4958b1c", []),
    ],
)
def test_between_two_versions_the_oldest_comes_first(
    old: str, new: str, brought: list[str]
) -> None:
    found = between(releases(LOG), Version(old), Version(new))
    assert [str(each.version or "Unreleased") for each in found] == brought


def test_before_the_first_release_all_is_unreleased() -> None:
    found = releases("## Unreleased\n")
    assert between(found, Version("0.0.0.post1"), Version("0.0.0.post2")) == found


@pytest.mark.parametrize(
    "text",
    ["", "Changes\n=======\n\n- None.\n", "## Next week\n### Fixed\n- Soon.\n", "### Fixed\n- All"],
)
def test_a_text_of_another_form_has_no_release(text: str) -> None:
    assert releases(text) == []


@given(st.text(alphabet="#-* \t\n[]()`0.v1aU"))
def test_no_text_is_refused(text: str) -> None:
    for release in releases(text):
        assert "" not in release.must_do


def test_a_changelog_that_cannot_be_read_has_no_release(tmp_path: Path) -> None:
    assert changelog.read(tmp_path) == []
    (tmp_path / FILE).write_bytes(b"## [1.0]\n\xff")
    assert changelog.read(tmp_path) == []
    (tmp_path / FILE).write_text("## [1.0]\n", encoding="utf-8")
    assert len(changelog.read(tmp_path)) == 1

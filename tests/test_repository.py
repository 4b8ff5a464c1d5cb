"""What this repository says of itself is true: version, pins, and pages written from the code."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from drydock import changelog
from tests.harness import proof
from tests.harness.paths import ROOT
from tests.harness.variants import Variant, all_variants
from tools import questions, record_proof


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def tracked() -> list[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(
        listed, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_version_is_the_newest_of_the_changelog() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    newest = next(each.version for each in changelog.read(ROOT) if each.version)
    assert str(newest) == version


def test_no_lock_names_where_packages_come_from() -> None:
    assert [name for name in tracked() if name.endswith("uv.lock")] == []


def test_constraints_name_versions_and_nothing_else() -> None:
    text = read("constraints.txt")
    assert re.search(r"://|^-|/(home|root|tmp|Users)/", text, re.MULTILINE) is None
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(pins) > 20
    for pin in pins:
        assert re.fullmatch(r"[a-z0-9-]+==[^ ;]+( ; .+)?", pin)


def test_constraints_pin_everything_that_is_asked_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    text = read("constraints.txt")
    for requirement in asked:
        name = re.split(r"[\[<>=~!;\s]", requirement, maxsplit=1)[0]
        assert re.search(rf"^{re.escape(name)}==", text, re.MULTILINE), (
            f"run `make constraints`: {name}"
        )


@pytest.mark.parametrize("page", questions.PAGES, ids=lambda page: page.name)
def test_what_pages_take_from_the_code_is_as_in_the_code(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == questions.PAGES[page](), "run `make docs`"


def test_drift_of_a_page_is_seen() -> None:
    page = questions.questions_page(read("copier.yml"))
    assert page != questions.questions_page(
        read("copier.yml").replace("default: MIT", "default: X")
    )
    marked = "a\n<!-- roles -->\nold\n<!-- /roles -->\nb\n"
    assert questions.filled(marked, "roles", "new\n") == marked.replace("old", "new")
    with pytest.raises(LookupError):
        questions.filled("no marks", "roles", "")


def test_proof_counts_no_result_of_another_tree() -> None:
    variants = all_variants()[:2]
    record = proof.Record(str(variants[0]), "sum", "passed", "2026-01-01", 61, {}, {"a": "1"})
    found: list[tuple[Variant, proof.Record | None]] = [(variants[0], record), (variants[1], None)]
    page = record_proof.page(found, found[1:])
    assert f"| {variants[0]} | passed | 61 | 2026-01-01 |" in page
    assert page.count(f"| {variants[1]} | not run | | |") == 2


def test_proof_keeps_what_is_known_of_a_tree_before_it_changed() -> None:
    one, other = all_variants()[:2]
    record = proof.Record("", "sum", "passed", "2026-01-01", 61, {}, {})
    before = record_proof.page([(one, record), (other, None)], [(other, record)])
    after = record_proof.page([(one, None), (other, None)], [(other, None)], before)
    variants, updates = after.split("## Updates")
    assert f"| {one} | passed then | 61 | 2026-01-01 |" in variants
    assert f"| {other} | not run | | |" in variants
    assert f"| {other} | passed then | 61 | 2026-01-01 |" in updates
    assert record_proof.page([(one, None), (other, None)], [(other, None)], after) == after

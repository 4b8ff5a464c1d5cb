"""The memo of renderings: it spares what would come out the same, and hides no change."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.harness import memo
from tests.harness.resolving import lock
from tests.harness.sums import fingerprint
from tests.harness.variants import Variant, all_variants, backend_variants, render, snapshot


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memo, "FOLDER", tmp_path / "rendered")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return snapshot(tmp_path / "source")


def named(variant: Variant) -> Variant:
    """Say who the service of a variant is."""
    return Variant(variant.answers, (("project_name", "A"),))


def in_celery_alone(source: Path) -> Path:
    """Find a file of the template that only services with Celery have."""
    return next((source / "template").rglob("*celery*/broker.py"))


def append(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("# later\n")


def test_what_is_recalled_is_what_would_be_rendered_and_resolved(
    source: Path, tmp_path: Path
) -> None:
    def rendered(variant: Variant, folder: Path) -> str:
        tree = render(variant.data(), folder / str(variant), source)
        memo.remember(variant, memo.inputs_of(source), tree)
        lock(tree)
        return fingerprint(tree)

    def recalled(variant: Variant, folder: Path) -> str | None:
        folder.mkdir(exist_ok=True)
        return memo.recall(variant, memo.inputs_of(source), folder / str(variant))

    variants = [named(variant) for variant in backend_variants()]
    before = [rendered(variant, tmp_path / "before") for variant in variants]
    assert [recalled(variant, tmp_path / "same") for variant in variants] == before

    append(in_celery_alone(source))
    assert [recalled(variant, tmp_path / "changed") for variant in variants] == [None] * 4
    after = [rendered(variant, tmp_path / "after") for variant in variants]
    assert [recalled(variant, tmp_path / "again") for variant in variants] == after
    changed = [
        each["tasks"] for each, old, new in zip(variants, before, after, strict=True) if old != new
    ]
    assert changed == ["celery", "celery"]


@pytest.mark.parametrize(
    "change",
    [
        lambda source: append(in_celery_alone(source)),
        lambda source: in_celery_alone(source).chmod(0o755),
        lambda source: in_celery_alone(source).rename(source / "template/app/other.py"),
        lambda source: (source / "template/new.txt").touch(),
        lambda source: append(source / "copier.yml"),
        lambda source: append(source / "extensions/facts.py"),
    ],
    ids=["content", "mode", "name", "new", "question", "extension"],
)
def test_a_changed_template_is_another(change: Callable[[Path], None], source: Path) -> None:
    before = memo.inputs_of(source)
    assert memo.inputs_of(source) == before
    change(source)
    assert memo.inputs_of(source) != before


def test_what_is_installed_counts(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = memo.inputs_of(source)
    (tmp_path / "site/x-1.dist-info").mkdir(parents=True)
    (tmp_path / "site/x-1.dist-info/METADATA").write_text("Name: x\nVersion: 1\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert memo.inputs_of(source) != before


def test_the_year_counts(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NextYear(date):
        @classmethod
        def today(cls) -> "NextYear":
            return cls(date.today().year + 1, 1, 1)

    before = memo.inputs_of(source)
    monkeypatch.setattr(memo, "date", NextYear)
    assert memo.inputs_of(source) != before


def test_other_answers_are_another_variant(tmp_path: Path) -> None:
    one, other = all_variants()[:2]
    (tmp_path / "pyproject.toml").write_text("")
    memo.remember(one, "inputs", tmp_path)
    namesake = Variant(one.answers, (("project_name", "B"),))
    assert str(namesake) == str(one)
    for variant in (other, namesake):
        assert memo.recall(variant, "inputs", tmp_path / "x") is None
    assert memo.recall(one, "other inputs", tmp_path / "x") is None
    assert not (tmp_path / "x").exists()

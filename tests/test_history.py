"""The releases so far are found in any clone, and become a template with tags."""

from pathlib import Path

import pytest

from drydock import changelog
from tests.harness.history import git, released
from tests.harness.paths import ROOT
from tests.harness.releases import all_releases, commit, publish, repository, tags
from tests.harness.variants import OF_A_TEMPLATE


def test_releases_are_found_without_their_tags_and_with_them(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(ROOT), str(clone))
    for tag in git(clone, "tag").split():
        git(clone, "tag", "--delete", tag)
    [first, *_] = found = released(clone)
    assert [str(each.version) for each in found][:2] == ["0.1.0", "0.2.0"]
    for each in found:
        assert f"+## [{each.version}]" in git(clone, "show", each.commit, "--", changelog.FILE)
    git(clone, "tag", "--annotate", "--message", "The first", str(first.version), "HEAD")
    assert released(clone)[0].commit == git(clone, "rev-parse", "HEAD").strip()


def test_a_history_that_is_cut_off_is_said(tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", ROOT.as_uri(), "clone")
    with pytest.raises(LookupError, match="`git fetch --unshallow`"):
        released(tmp_path / "clone")


def test_the_first_commit_of_a_heading_is_the_release(tmp_path: Path) -> None:
    log = repository(tmp_path) / changelog.FILE
    for text in ("## [7.0.0]\n", "", "## [7.0.0]\n"):
        log.write_text(text, encoding="utf-8")
        commit(tmp_path, "Changed")
    assert released(tmp_path)[0].commit == git(tmp_path, "rev-parse", "HEAD~2").strip()


def test_a_release_that_nobody_committed_is_said(tmp_path: Path) -> None:
    (repository(tmp_path) / changelog.FILE).write_text("## [7.0.0]\n", encoding="utf-8")
    commit(tmp_path, "One")
    (tmp_path / changelog.FILE).write_text("## [7.1.0]\n\n## [7.0.0]\n", encoding="utf-8")
    with pytest.raises(LookupError, match=r"\[7\.1\.0\]"):
        released(tmp_path)


def files(place: Path, at: str) -> list[str]:
    """Give the files of the template in a commit, with what is in each."""
    return git(place, "ls-tree", "-r", at, *OF_A_TEMPLATE).splitlines()


def test_a_repository_of_all_releases_is_published_one_by_one(tmp_path: Path) -> None:
    releases = released()
    template = all_releases(tmp_path / "template")
    *past, newest = tags(template)
    assert past == [str(each.version) for each in releases]
    for tag, each in zip(past, releases, strict=True):
        place = publish(tag, template, tmp_path / "published")
        assert tags(place)[-1] == tag
        assert files(place, "HEAD") == files(ROOT, each.commit)
    publish(newest, template, place)
    for name in ("copier.yml", changelog.FILE, "extensions/layout.py"):
        assert (place / name).read_bytes() == (ROOT / name).read_bytes()

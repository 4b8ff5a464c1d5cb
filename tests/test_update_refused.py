"""What `drydock update` refuses: one sentence, exit code 2, nothing changed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from drydock.update import command
from tests.command import without
from tests.harness.releases import git
from tests.updating import (
    TEXT,
    Owner,
    Told,
    built,
    drydock,
    everything,
    quiet_home,
    small_releases,
    state,
    write,
)

ANSWERS = ".copier-answers.yml"
JOURNAL = ".git/drydock/update.json"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return quiet_home(monkeypatch, tmp_path / "home")


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    """An owner for whom there is a new release."""
    template = small_releases(tmp_path / "template")
    owner = Owner(template, built(template, tmp_path / "harbour"))
    owner.release({"notes.txt": "theirs\n" + TEXT, "docs/page/new.md": "theirs\n"})
    return owner


def refused(owner: Owner, *options: str) -> str:
    """Run an update that is refused as it should be, and give the sentence."""
    before = everything(owner.service)
    told = owner.update(*options)
    assert everything(owner.service) == before
    return sentence(told)


def sentence(told: Told) -> str:
    assert told.code == 2, told
    (line,) = told.err.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(".")
    return line


def answers(owner: Owner, change: Callable[[bytes], bytes]) -> None:
    """Change the answers by hand."""
    file = owner.service / ANSWERS
    content = change(file.read_bytes())
    assert content != file.read_bytes()
    owner.commit({ANSWERS: content})


class TestAnswers:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            (b"auth: jwt", b"auth: [", "is not YAML in line"),
            (b"auth: jwt", b"<<<<<<< HEAD\nauth: jwt\n=======\nauth: none\n>>>>>>> x", "not YAML"),
            (b"Harbour\n", b"J\xf6rg\n", "is not UTF-8"),
            (b"_commit: ", b"_commit_: ", "_commit is missing"),
            (b"_src_path: ", b"_src: ", "_src_path is missing"),
            (b"_commit: 0.1.0", b"_commit: 1", "_commit is missing"),
            (b"_commit: 0.1.0", b"_commit: ''", "_commit is missing"),
            (b"_commit: 0.1.0", b"_commit: 7.0.0", "has no version '7.0.0'"),
            (b"_commit: 0.1.0", b"_commit: --output=x", "has no version '--output=x'"),
            (b"database: sqlite", b"database: oracle", "database: 'oracle' is not one of sqlite,"),
            (b"example: true", b"example: maybe", "example: must be true or false"),
            (b"author_email: ''", b"author_email: nobody", "author_email: must be an e-mail"),
            (b"project_name: Harbour\n", b"project_name: [a]\n", "project_name: must be text"),
        ],
    )
    def test_edited_by_hand(self, owner: Owner, old: bytes, new: bytes, said: str) -> None:
        answers(owner, lambda content: content.replace(old, new))
        assert said in refused(owner)

    def test_empty(self, owner: Owner) -> None:
        answers(owner, lambda _: b"")
        assert "holds no mapping" in refused(owner)

    def test_none(self, owner: Owner) -> None:
        owner.commit({ANSWERS: None})
        assert "is no service: it has no .copier-answers.yml" in refused(owner)

    def test_none_here_but_above(self, owner: Owner) -> None:
        owner.service /= "docs"
        assert "the one above it is" in refused(owner)

    @pytest.mark.parametrize(
        ("option", "said"),
        [
            ("layuot=layered", "did you mean 'layout'?"),
            ("layout=layered", "layout: must stay 'domain'"),
            ("database=oracle", "database: 'oracle' is not one of"),
            ("example=maybe", "example: must be true or false"),
            ("_commit=0.1.0", "there is no question '_commit'"),
            ("auth", "is not key=value"),
        ],
    )
    def test_given(self, owner: Owner, option: str, said: str) -> None:
        assert said in refused(owner, "-d", option)

    def test_missing_for_a_new_question(self, owner: Owner) -> None:
        questions = owner.template / "copier.yml"
        questions.write_text(questions.read_text() + "colour:\n  type: str\n")
        owner.release({"colour.txt.jinja": "{{ colour }}\n"})
        assert "colour: has no default, so answer it with -d colour=..." in refused(owner)
        owner.updated("-d", "colour=green")
        assert owner.read("colour.txt") == "green\n"


class TestTemplate:
    def test_that_moved_away(self, owner: Owner) -> None:
        owner.template.rename(owner.template.with_name("moved"))
        said = refused(owner)
        assert "does not exist: give its folder or Git URL with --template" in said

    @pytest.mark.parametrize("scheme", ["git+file://", "file://"])
    def test_that_cannot_be_reached(self, owner: Owner, scheme: str) -> None:
        address = f"{scheme}{owner.template}/missing.git"
        answers(owner, lambda text: text.replace(str(owner.template).encode(), address.encode()))
        assert "cannot be fetched (fatal: " in refused(owner)

    def test_another_one(self, owner: Owner, tmp_path: Path) -> None:
        other = small_releases(tmp_path / "other")
        git(other, "tag", "9.0.0")
        git(other, "tag", "-d", "0.1.0")
        assert "has no version '0.1.0'" in refused(owner, "--template", str(other))

    def test_without_git(self, owner: Owner) -> None:
        shutil.rmtree(owner.template / ".git")
        assert "has no version '0.1.0'" in refused(owner)

    @pytest.mark.parametrize("ref", ["v9", "--upload-pack=x", "HEAD~99"])
    def test_no_such_ref(self, owner: Owner, ref: str) -> None:
        assert f"has no ref '{ref}'" in refused(owner, f"--ref={ref}")

    def test_empty_ref(self, owner: Owner) -> None:
        assert "--ref is empty" in refused(owner, "--ref=")

    def test_downgrade(self, owner: Owner, tmp_path: Path) -> None:
        owner.service = built(owner.template, tmp_path / "newer")
        assert "from 0.2.0 to 0.1.0 is a downgrade" in refused(owner, "--ref=0.1.0")
        git(owner.template, "tag", "-d", "0.1.0", "0.2.0")
        git(owner.template, "tag", "old", "HEAD~")
        git(owner.template, "tag", "new")
        answers(owner, lambda text: text.replace(b"0.2.0", b"new"))
        assert "from new to old is a downgrade" in refused(owner, "--ref=old")

    def test_that_fails(self, owner: Owner) -> None:
        owner.release({"app/main.py.jinja": "{{ missing }}"})
        assert "fails (" in refused(owner)


def merging(owner: Owner) -> None:
    owner.git("merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", "other")


def picking(owner: Owner) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        owner.git("cherry-pick", "other")
    owner.git("checkout", "--ours", "notes.txt")
    owner.git("add", "notes.txt")


def rebasing(owner: Owner) -> None:
    owner.git("-c", "sequence.editor=sed -i s/pick/edit/", "rebase", "--quiet", "-i", "HEAD~")


class TestWork:
    @pytest.mark.parametrize("hidden", [True, False])
    @pytest.mark.parametrize("kind", ["edited", "staged", "new", "deleted", "renamed"])
    def test_uncommitted(self, owner: Owner, home: Path, kind: str, hidden: bool) -> None:
        if hidden:
            text = "[status]\n\tshowUntrackedFiles = no\n\trelativePaths = true\n"
            (home / ".gitconfig").write_text(text, encoding="utf-8")
        name = "own größe.md" if kind == "new" else "notes.txt"
        if kind == "renamed":
            owner.git("mv", name, "b.txt")
        else:
            write(owner.service, {name: None if kind == "deleted" else "mine\n"})
        if kind == "staged":
            owner.git("add", "--all")
        assert f"uncommitted work ({'b.txt' if kind == 'renamed' else name}" in refused(owner)

    @pytest.mark.parametrize("begin", [merging, picking, rebasing], ids=lambda each: each.__name__)
    def test_git_is_in_the_middle(self, owner: Owner, begin: Callable[[Owner], None]) -> None:
        owner.git("checkout", "--quiet", "-b", "other")
        owner.commit({"notes.txt": "other\n"})
        owner.git("checkout", "--quiet", "main")
        owner.commit({"notes.txt": "mine\n"})
        begin(owner)
        assert owner.git("status", "--porcelain") == ""
        assert "is under way: end it with `git " in refused(owner)

    def test_unmerged(self, owner: Owner) -> None:
        owner.commit({"notes.txt": "mine\n"})
        assert owner.update().code == 1
        assert "uncommitted work" in refused(owner)

    def test_ignored_file_in_the_way(self, owner: Owner) -> None:
        owner.commit({".gitignore": "docs/page\n*.own\n"})
        write(owner.service, {"docs/page/new.md": "mine\n"})
        assert "'docs/page/new.md' is in the way" in refused(owner)

    @pytest.mark.parametrize("place", ["docs/page", "docs/page/new.md"])
    def test_submodule_in_the_way(self, owner: Owner, place: str) -> None:
        local = ("-c", "protocol.file.allow=always")
        owner.git(*local, "submodule", "--quiet", "add", str(owner.template), place)
        owner.commit()
        assert "is a submodule" in refused(owner)

    def test_ignored_file_where_a_folder_comes(self, owner: Owner) -> None:
        owner.commit({".gitignore": "docs/page\n"})
        write(owner.service, {"docs/page": "mine\n"})
        assert "'docs/page' is in the way" in refused(owner)

    def test_ignored_link_where_a_folder_comes(self, owner: Owner, tmp_path: Path) -> None:
        owner.commit({".gitignore": "docs/page\n"})
        (owner.service / "docs/page").symlink_to(tmp_path)
        assert "'docs/page' is in the way" in refused(owner)

    def test_ignored_file_in_a_folder_where_a_file_comes(self, owner: Owner) -> None:
        owner.commit({".gitignore": "*.own\n"})
        write(owner.service, {"tools/x.own": "mine\n"})
        owner.release({"tools/run.sh": None, "tools": "theirs\n"})
        assert "'tools/x.own' is in the way" in refused(owner)
        (owner.service / "tools/x.own").unlink()
        owner.updated()
        assert owner.read("tools") == "theirs\n"
        assert drydock("update", str(owner.service), "--abort").code == 0
        assert (owner.service / "tools/run.sh").exists()


class TestRepository:
    def test_none(self, owner: Owner) -> None:
        shutil.rmtree(owner.service / ".git")
        assert "is in no Git repository" in refused(owner)

    def test_without_a_commit(self, owner: Owner) -> None:
        shutil.rmtree(owner.service / ".git")
        owner.git("init", "--quiet")
        assert "has no commit yet" in refused(owner)

    def test_that_ignores_the_service(self, owner: Owner) -> None:
        top = owner.service.parent
        shutil.rmtree(owner.service / ".git")
        git(top, "init", "--quiet")
        write(top, {".gitignore": "*\n!.gitignore\n"})
        git(top, "add", ".gitignore")
        git(top, "commit", "--quiet", "--message", "All but one")
        assert "Git does not track .copier-answers.yml" in refused(owner)

    def test_that_is_damaged(self, owner: Owner) -> None:
        owner.commit({"own.md": "mine\n"})
        blob = owner.git("rev-parse", "HEAD:own.md").strip()
        (owner.service / ".git/objects" / blob[:2] / blob[2:]).unlink()
        assert " cannot " in refused(owner)

    @pytest.mark.parametrize("name", ["missing", "notes.txt"])
    def test_no_folder(self, owner: Owner, name: str) -> None:
        assert "give the folder of a service" in sentence(
            drydock("update", str(owner.service / name))
        )

    def test_no_git(self, owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", without("git", tmp_path / "bin"))
        assert "git is not on the PATH" in refused(owner)

    def test_locked_by_another_git(self, owner: Owner) -> None:
        (owner.service / ".git/index.lock").touch()
        before = state(owner.service)
        assert "Git cannot write the update" in sentence(owner.update())
        assert state(owner.service) == before
        (owner.service / ".git/index.lock").unlink()
        owner.updated()


class TestMeanwhile:
    """Somebody works in the service while it is checked."""

    @pytest.fixture
    def meanwhile(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
        def during(act: Callable[[], object]) -> None:
            checks = command.run_checks

            def run_checks(*arguments: object) -> object:
                act()
                return checks(*arguments)  # type: ignore[arg-type]

            monkeypatch.setattr(command, "run_checks", run_checks)

        return during

    def test_edited(self, owner: Owner, meanwhile: Callable[..., None]) -> None:
        meanwhile(lambda: write(owner.service, {"notes.txt": "mine\n"}))
        said = sentence(owner.update())
        assert "Git cannot write the update" in said
        assert owner.read("notes.txt") == "mine\n"
        assert owner.git("status", "--porcelain") == " M notes.txt\n"
        assert not (owner.service / JOURNAL).exists()

    def test_added(self, owner: Owner, meanwhile: Callable[..., None]) -> None:
        meanwhile(lambda: write(owner.service, {"docs/page/new.md": "mine\n"}))
        assert "'docs/page/new.md' is in the way" in sentence(owner.update())
        assert owner.git("status", "--porcelain") == "?? docs/page/\n"

    def test_committed(self, owner: Owner, meanwhile: Callable[..., None]) -> None:
        meanwhile(lambda: owner.commit({"docs/own.md": "mine\n"}))
        assert "another commit was checked out meanwhile" in sentence(owner.update())
        assert owner.git("status", "--porcelain") == ""

    def test_updated(self, owner: Owner, meanwhile: Callable[..., None]) -> None:
        others = iter([Owner.updated])
        meanwhile(lambda: [update(owner) for update in others])
        assert "'docs/page/new.md' is in the way" in sentence(owner.update())
        assert owner.read("notes.txt").startswith("theirs")
        assert drydock("update", str(owner.service), "--abort").code == 0
        assert owner.git("status", "--porcelain") == ""


class TestAbort:
    def test_nothing_to_take_back(self, owner: Owner) -> None:
        before = everything(owner.service)
        assert "there is no update to take back" in sentence(
            drydock("update", str(owner.service), "--abort")
        )
        assert everything(owner.service) == before

    def test_without_a_service(self, tmp_path: Path) -> None:
        assert "is in no Git repository" in sentence(drydock("update", str(tmp_path), "--abort"))

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"paths": 1}', '{"a": 1, "paths": []}'])
    def test_journal_that_cannot_be_read(self, owner: Owner, content: str) -> None:
        write(owner.service, {JOURNAL: content})
        assert "the journal of the last update cannot be read" in refused(owner)
        assert "cannot be read" in sentence(drydock("update", str(owner.service), "--abort"))

    def test_commits_after_an_interruption(self, owner: Owner) -> None:
        interrupted(owner, "notes.txt")
        assert "was interrupted: run `drydock update --abort`" in refused(owner)
        owner.commit({"notes.txt": "mine\n"})
        for said in (refused(owner), sentence(drydock("update", str(owner.service), "--abort"))):
            assert "the repository has moved on since the update to 0.2.0 was interrupted" in said
            assert f"then remove {str(owner.service / JOURNAL)!r}" in said
        (owner.service / JOURNAL).unlink()
        assert owner.update().code == 1

    def test_what_a_link_leads_to_is_not_touched(self, owner: Owner, tmp_path: Path) -> None:
        """The update would have made a folder of it, but never came to that."""
        write(tmp_path, {"elsewhere/new.md": "mine\n"})
        (owner.service / "docs/page").symlink_to(tmp_path / "elsewhere")
        owner.commit()
        interrupted(owner, "docs/page", "docs/page/new.md")
        before = everything(tmp_path / "elsewhere")
        assert drydock("update", str(owner.service), "--abort").code == 0
        assert everything(tmp_path / "elsewhere") == before
        assert owner.git("status", "--porcelain") == ""


def interrupted(owner: Owner, *paths: str) -> None:
    """Leave the journal of an update that was about to write these files."""
    before = owner.git("rev-parse", "HEAD").strip()
    begun = {"before": before, "version": "0.2.0", "paths": paths, "complete": False}
    write(owner.service, {JOURNAL: json.dumps(begun)})

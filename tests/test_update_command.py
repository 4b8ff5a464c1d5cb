"""`drydock update`: what it brings, shows and stages, and how it is taken back."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from copier import run_update

from tests.command import Command, read_until
from tests.harness.releases import commit, git
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

# What developers set, and what would spoil a merge that heeds it.
SETTINGS = {
    "line-ends": """
        [core]
            autocrlf = true
            safecrlf = true
        [merge]
            conflictStyle = diff3
        """,
    "strict": """
        [commit]
            gpgsign = true
        [gpg]
            program = false
        [merge]
            conflictStyle = zdiff3
            verifySignatures = true
            ff = only
            renames = no
        [user]
            signingkey = nobody
            useConfigOnly = true
        [fetch]
            fsckObjects = true
        [protocol "file"]
            allow = never
        [status]
            showUntrackedFiles = no
        """,
    "shown": """
        [log]
            showSignature = true
        [diff]
            noprefix = true
            renames = false
            external = false
        [color]
            ui = always
        [core]
            quotePath = true
            splitIndex = true
            fsmonitor = true
        [merge]
            renormalize = true
            autoStash = true
        [feature]
            manyFiles = true
        """,
}
HOOKS = ("post-checkout", "post-index-change", "pre-commit", "post-merge", "reference-transaction")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return quiet_home(monkeypatch, tmp_path / "home")


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    template = small_releases(tmp_path / "template")
    return Owner(template, built(template, tmp_path / "harbour"))


@pytest.fixture
def busy(owner: Owner) -> Owner:
    """An owner whose update has what merges, what is in conflict, what comes and what goes."""
    owner.commit(
        {
            "notes.txt": TEXT + "mine\n",
            "app/text.py": "# mine\n",
            "docs/gone.md": None,
            "own/größe.md": "mine\n",
        }
    )
    owner.release(
        {
            "notes.txt": "theirs\n" + TEXT,
            "app/text.py": "# theirs\n",
            "docs/gone.md": TEXT,
            "docs/guide.md": None,
            "docs/new/page.md": "theirs\n",
        }
    )
    return owner


def check_busy(owner: Owner) -> None:
    """See that the update of a busy owner comes as it should."""
    told = owner.update()
    assert told.code == 1, told
    assert told.conflicts == {"app/text.py"}
    assert "docs/gone.md changed in the template; you deleted it" in told.err
    assert owner.git("status", "--porcelain").splitlines() == [
        "M  .copier-answers.yml",
        "UU app/text.py",
        "D  docs/guide.md",
        "A  docs/new/page.md",
        "M  notes.txt",
    ]
    assert lines_of(owner, "notes.txt") == ["theirs", *TEXT.splitlines(), "mine"]
    assert lines_of(owner, "app/text.py") == [
        *("<<<<<<< HEAD", "# mine", "=======", "# theirs", ">>>>>>> 0.2.0")
    ]
    assert lines_of(owner, "docs/new/page.md") == ["theirs"]


def lines_of(owner: Owner, name: str) -> list[str]:
    return owner.read(name).splitlines()


def test_an_update_comes_and_is_taken_back(busy: Owner) -> None:
    before = state(busy.service)
    check_busy(busy)
    told = drydock("update", str(busy.service), "--abort")
    assert told.code == 0, told
    assert "5 files are as they were before the update to 0.2.0" in told.out
    assert state(busy.service) == before
    assert busy.git("status", "--porcelain") == ""
    assert not list((busy.service / ".git/drydock").iterdir())
    check_busy(busy)  # and may come again


def test_a_dry_run_shows_it_and_changes_nothing(busy: Owner) -> None:
    before = everything(busy.service)
    dry = busy.update("--dry-run")
    assert everything(busy.service) == before
    real = busy.update()

    def shown(told: Told) -> str:
        return told.out.partition("Rendered and merged")[0] + told.err

    assert shown(dry) == shown(real)
    assert (dry.code, real.code) == (1, 1)
    assert "Nothing was changed" in dry.out


def test_what_the_update_did_not_write_stays_when_it_is_taken_back(busy: Owner) -> None:
    check_busy(busy)
    write(busy.service, {"own/größe.md": "more\n", "docs/new/own.md": "own\n", "staged": "own\n"})
    busy.git("add", "staged")
    assert drydock("update", str(busy.service), "--abort").code == 0
    assert busy.git("status", "--porcelain", "-uall", "-z").split("\0") == [
        *(" M own/größe.md", "A  staged", "?? docs/new/own.md", "")
    ]


def test_a_committed_update_is_not_taken_back(busy: Owner) -> None:
    check_busy(busy)
    busy.commit()
    before = state(busy.service)
    for _ in range(2):
        told = drydock("update", str(busy.service), "--abort")
        assert told.code == 2
        assert "there is no update to take back" in told.err
    assert state(busy.service) == before


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_of_the_owner(settings: str, busy: Owner, home: Path) -> None:
    (home / ".gitconfig").write_text(SETTINGS[settings], encoding="utf-8")
    if settings == "line-ends":  # as it is for who clones it
        busy.git("rm", "--cached", "-rq", ".")
        busy.git("reset", "--hard", "-q")
    before = state(busy.service)
    check_busy(busy)
    assert drydock("update", str(busy.service), "--abort").code == 0
    assert state(busy.service) == before


def test_attributes_of_the_owner(busy: Owner, home: Path) -> None:
    """Line ends are converted, and filters and hooks are left out: here they fail."""
    (home / ".gitconfig").write_text(
        '[filter "no"]\n\tclean = cat\n\tsmudge = false\n\trequired = true\n'
        "[core]\n\tattributesFile = ~/attributes\n[init]\n\ttemplateDir = ~/hooked\n",
        encoding="utf-8",
    )
    (home / "attributes").write_text("*.txt merge=union\n*.py -merge\n", encoding="utf-8")
    for hooks in (home / "hooked/hooks", busy.service / ".git/hooks"):
        hooks.mkdir(parents=True, exist_ok=True)
        for name in HOOKS:
            (hooks / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
            (hooks / name).chmod(0o755)
    write(busy.service, {".gitattributes": "* text=auto eol=crlf\nown/* filter=no\n"})
    quiet = ("-c", "core.hooksPath=/dev/null", "-c", "filter.no.smudge=cat")
    for arguments in ("add -A", "commit -qm Attributes", "rm --cached -rq .", "reset --hard -q"):
        busy.git(*quiet, *arguments.split())
    assert "mine\r\n" in busy.read("notes.txt")
    before = state(busy.service)
    check_busy(busy)
    assert "mine\r\n" in busy.read("notes.txt")
    assert "theirs\r\n" in busy.read("app/text.py")
    assert drydock("update", str(busy.service), "--abort").code == 0
    assert state(busy.service) == before


def in_a_subfolder(owner: Owner) -> None:
    top = owner.service.parent / "many"
    place = top / " services" / "[a] b "
    place.parent.mkdir(parents=True)
    shutil.rmtree(owner.service / ".git")
    owner.service.rename(place)
    owner.service = place
    write(top, {"README": "of all\n", " services/a b /notes.txt": "another's\n"})
    git(top, "init", "--quiet", "--initial-branch", "main")
    commit(top, "All")
    write(top, {"README": "work\n", "untracked": "work\n"})  # elsewhere it may go on
    git(top, "add", "README")


def in_a_worktree(owner: Owner) -> None:
    other = owner.service.parent / "linked"
    owner.git("worktree", "add", "--quiet", str(other))
    owner.service = other


def detached(owner: Owner) -> None:
    owner.git("checkout", "--quiet", "--detach")


def with_sha256(owner: Owner) -> None:
    shutil.rmtree(owner.service / ".git")
    owner.git("init", "--quiet", "--initial-branch", "main", "--object-format=sha256")
    owner.commit()


def shallow(owner: Owner) -> None:
    other = owner.service.parent / "cloned"
    git(owner.service, "clone", "--quiet", "--depth=1", f"file://{owner.service}", str(other))
    owner.service = other


def with_alternates(owner: Owner) -> None:
    other = owner.service.parent / "cloned"
    git(owner.service, "clone", "--quiet", "--shared", str(owner.service), str(other))
    owner.service = other


def with_a_submodule(owner: Owner) -> None:
    part = str(owner.template)
    owner.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", part, "part")
    owner.commit()


def through_a_link(owner: Owner) -> None:
    link = owner.service.parent / "link"
    link.symlink_to(owner.service)
    owner.service = link


def copied(owner: Owner) -> None:
    """Git's index knows nothing of the files of a copy: it has to look at them."""
    other = owner.service.parent / "copied"
    shutil.copytree(owner.service, other, symlinks=True)
    owner.service = other


PLACES = [
    copied,
    in_a_subfolder,
    in_a_worktree,
    detached,
    with_sha256,
    shallow,
    with_alternates,
    with_a_submodule,
    through_a_link,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_repositories(place: Callable[[Owner], None], busy: Owner) -> None:
    place(busy)
    before = state(busy.service)
    told = busy.update()
    assert told.conflicts == {"app/text.py"}, told
    assert lines_of(busy, "notes.txt") == ["theirs", *TEXT.splitlines(), "mine"]
    assert drydock("update", str(busy.service), "--abort").code == 0
    assert state(busy.service) == before


def test_services_in_one_repository_are_taken_back_on_their_own(busy: Owner) -> None:
    one = busy.service
    shutil.rmtree(one / ".git")
    top = one.parent / "many"
    services = [top / "one", top / "two"]
    for place in services:
        shutil.copytree(one, place)
    git(top, "init", "--quiet", "--initial-branch", "main")
    commit(top, "All")
    before = state(top)
    for place in services:
        assert drydock("update", str(place), "--no-checks").code == 1
        git(top, "add", "--all")  # Git writes no other update beside a conflict
    told = drydock("update", str(services[0]), "--abort")
    assert "5 files are as they were" in told.out
    names = git(top, "diff", "--name-only", "HEAD").splitlines()
    assert {name.split("/")[0] for name in names} == {"two"}
    assert drydock("update", str(services[1]), "--abort").code == 0
    assert state(top) == before


def test_modes_and_links(owner: Owner) -> None:
    (owner.service / "notes.txt").chmod(0o755)
    (owner.service / "docs/guide.md").unlink()
    (owner.service / "docs/guide.md").symlink_to("../notes.txt")
    (owner.service / "docs/own").symlink_to("nowhere")
    owner.commit({"tools/run.sh": owner.read("tools/run.sh") + "mine\n"})
    (owner.template / "template/tools/run.sh").chmod(0o644)
    owner.release({"notes.txt": "theirs\n", "docs/guide.md": "theirs\n", "tools/new.sh": "#!\n"})
    (owner.template / "template/tools/new.sh").chmod(0o755)
    owner.release({})
    told = owner.updated()
    assert "docs/guide.md changed in the template; you deleted it" in told.err
    entries = owner.git("ls-files", "--stage").splitlines()
    modes = {entry.split("\t")[1]: entry.split()[0] for entry in entries}
    assert modes["notes.txt"] == modes["tools/new.sh"] == "100755"
    assert modes["tools/run.sh"] == "100644"
    assert owner.read("tools/run.sh").endswith("mine\n")
    assert not (owner.service / "tools/run.sh").stat().st_mode & 0o111
    assert modes["docs/guide.md"] == modes["docs/own"] == "120000"
    assert (owner.service / "docs/guide.md").readlink() == Path("../notes.txt")


def test_an_untouched_service_becomes_what_copier_makes_of_it(busy: Owner, tmp_path: Path) -> None:
    ours = Owner(busy.template, busy.service.parent / "ours" / "harbour")
    theirs = busy.service.parent / "theirs" / "harbour"
    for place in (ours.service, theirs):
        git(tmp_path, "clone", "--quiet", str(busy.service), str(place))
        git(place, "reset", "--hard", "--quiet", "HEAD~")
    ours.updated("-d", "license=Apache-2.0")
    run_update(
        theirs,
        data={"license": "Apache-2.0"},
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
    )
    assert "license: Apache-2.0" in ours.read(".copier-answers.yml")
    git(theirs, "add", "--all")
    assert state(ours.service) == state(theirs)


def test_up_to_date(owner: Owner) -> None:
    before = everything(owner.service)
    assert owner.updated().out == "✓ Up to date with 0.1.0\n"
    assert everything(owner.service) == before


def test_a_new_question_is_the_only_one_that_is_asked(owner: Owner, tmp_path: Path) -> None:
    questions = owner.template / "copier.yml"
    asked = 'colour:\n  type: str\n  help: "Which colour?"\n  choices: [red, green]\n'
    questions.write_text(questions.read_text() + asked)
    owner.release({"colour.txt.jinja": "{{ colour }}\n"})
    (tmp_path / "terminal").mkdir()
    command = Command(tmp_path / "terminal")
    with command.terminal("update", str(owner.service), "--no-checks") as (process, screen):
        shown = read_until(screen, "Which colour?")
        screen.write(b"\x1b[B\r")
        shown += read_until(screen, "--abort")
        assert process.wait(timeout=60) == 0
    assert re.findall(r"^\S.*\?", shown, re.MULTILINE) == ["🎤 Which colour?"]
    assert owner.read("colour.txt") == "green\n"


def test_without_a_terminal_a_new_question_takes_its_default(owner: Owner) -> None:
    questions = owner.template / "copier.yml"
    questions.write_text(questions.read_text() + "colour:\n  type: str\n  default: blue\n")
    owner.release({"colour.txt.jinja": "{{ colour }}\n"})
    owner.updated()
    assert owner.read("colour.txt") == "blue\n"

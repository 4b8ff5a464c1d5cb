"""What becomes of a file that both sides change: one update, with a folder for each story."""

import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.harness.releases import git
from tests.updating import FILES, Content, Owner, Told, built, small_releases

OPENS, PARTS, CLOSES = "<<<<<<< HEAD\n", "=======\n", ">>>>>>> 0.2.0\n"


def text(word: str, first: str = "", last: str = "", middle: str = "", end: str = "\n") -> str:
    """Give a file of eight lines that no other story has, with one of them changed."""
    lines = [f"{word}, line {number} of all {word}" for number in range(1, 9)]
    lines[0], lines[4], lines[-1] = first or lines[0], middle or lines[4], last or lines[-1]
    return "".join(line + end for line in lines)


def clash(word: str) -> str:
    """Give the file of a story in which both changed the middle."""
    ours, theirs = f"our {word}\n", f"their {word}\n"
    return text(word).replace(
        f"{word}, line 5 of all {word}\n", OPENS + ours + PARTS + theirs + CLOSES
    )


@dataclass(frozen=True)
class Story:
    """What the first release has, what each side does, what is there then, what is reported."""

    base: Mapping[str, Content]
    ours: Mapping[str, Content]
    theirs: Mapping[str, Content]
    after: Mapping[str, Content]
    conflicts: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)


def edited(name: str, word: str) -> Story:
    """Give the story of a file that both edit, at its two ends."""
    return Story(
        {name: text(word)},
        {name: text(word, last="ours")},
        {name: text(word, first="theirs")},
        {name: text(word, "theirs", "ours")},
    )


def clashing(name: str, word: str) -> Story:
    """Give the story of a file in which both edit the same line."""
    return Story(
        {name: text(word)},
        {name: text(word, middle=f"our {word}")},
        {name: text(word, middle=f"their {word}")},
        {name: clash(word)},
        {name},
    )


STORIES = {
    "both-edit": edited("a", "oak"),
    "both-edit-one-line": clashing("a", "ash"),
    "ours-deletes": Story(
        {"a": text("elm")}, {"a": None}, {"a": text("elm", "theirs")}, {"a": None}, notes={"a"}
    ),
    "theirs-deletes": Story({"a": text("fir")}, {}, {"a": None}, {"a": None}),
    "theirs-deletes-what-ours-edits": Story(
        {"a": text("yew")},
        {"a": text("yew", "ours")},
        {"a": None},
        {"a": text("yew", "ours")},
        {"a"},
    ),
    "ours-renames": Story(
        {"a": text("fig")},
        {"a": None, "b": text("fig", last="ours")},
        {"a": text("fig", "theirs")},
        {"a": None, "b": text("fig", "theirs", "ours")},
    ),
    "theirs-renames": Story(
        {"a": text("nut")},
        {"a": text("nut", last="ours")},
        {"a": None, "b": text("nut", "theirs")},
        {"a": None, "b": text("nut", "theirs", "ours")},
    ),
    "both-rename": Story(
        {"a": text("pea")},
        {"a": None, "b": text("pea", last="ours")},
        {"a": None, "c": text("pea", "theirs")},
        dict.fromkeys("bc", text("pea", "theirs", "ours")) | {"a": None},
        {"a", "b", "c"},
    ),
    "both-rename-alike": Story(
        {"a": text("rye")},
        {"a": None, "b": text("rye", last="ours")},
        {"a": None, "b": text("rye", "theirs")},
        {"a": None, "b": text("rye", "theirs", "ours")},
    ),
    "theirs-renames-what-ours-deletes": Story(
        {"a": text("hop")},
        {"a": None},
        {"a": None, "b": text("hop", "theirs")},
        {"a": None, "b": None},
        notes={"b"},
    ),
    "ours-renames-what-theirs-deletes": Story(
        {"a": text("oat")},
        {"a": None, "b": text("oat", last="ours")},
        {"a": None},
        {"a": None, "b": text("oat", last="ours")},
        {"b"},
    ),
    "both-add": Story(
        {},
        {"a": "our plum\n"},
        {"a": "their plum\n"},
        {"a": f"{OPENS}our plum\n{PARTS}their plum\n{CLOSES}"},
        {"a"},
    ),
    "both-add-alike": Story({}, {"a": "a pear\n"}, {"a": "a pear\n"}, {"a": "a pear\n"}),
    "ours-makes-it-a-folder": Story(
        {"a": text("ivy")},
        {"a": None, "a/x": "ours\n"},
        {"a": text("ivy", "theirs")},
        {"a/x": "ours\n"},
        notes={"a"},
    ),
    "theirs-makes-it-a-folder": Story(
        {"a": text("box")}, {}, {"a": None, "a/x": "theirs\n"}, {"a/x": "theirs\n"}
    ),
    "theirs-makes-a-folder-of-what-ours-edits": Story(
        {"a": text("may")},
        {"a": text("may", "ours")},
        {"a": None, "a/x": "theirs\n"},
        {"a/x": "theirs\n", "a~HEAD": text("may", "ours")},
        {"a~HEAD"},
    ),
    "ours-makes-it-a-file": Story(
        {"a/x": text("gum"), "a/y": text("tea")},
        {"a/x": None, "a/y": None, "a": "ours\n"},
        {"a/x": text("gum", "theirs")},
        {"a": "ours\n"},
        notes={"a/x"},
    ),
    "theirs-makes-it-a-file": Story(
        {"a/x": text("bay"), "a/y": text("sal")},
        {},
        {"a/x": None, "a/y": None, "a": "theirs\n"},
        {"a": "theirs\n"},
    ),
    "theirs-makes-a-file-where-ours-edits": Story(
        {"a/x": text("kea"), "a/y": text("moa")},
        {"a/x": text("kea", "ours")},
        {"a/x": None, "a/y": None, "a": "theirs\n"},
        {"a/x": text("kea", "ours"), "a~0.2.0": "theirs\n"},
        {"a/x", "a~0.2.0"},
    ),
    "ours-renames-to-what-theirs-adds": Story(
        {"a": text("emu")},
        {"a": None, "b": text("emu", last="ours")},
        {"a": text("emu", "theirs"), "b": "their new\n"},
        {"b": OPENS + text("emu", "theirs", "ours") + PARTS + "their new\n" + CLOSES},
        {"b"},
    ),
    "spaces": edited("a name of words", "jay"),
    "letters": edited("größe-港口-🚢", "owl"),
    "quotes": edited('it\'s "quoted" \\ here', "tit"),
    "dash": edited("--help", "auk"),
    "dash-clash": clashing("-a", "hen"),
    "glob-clash": clashing("[ab]*?", "kit"),
    "colon-clash": clashing(":!a", "cow"),
    "tab": edited("a\tb\nc", "fox"),
    "empty": Story({"a": "", "b": "x\n"}, {"b": ""}, {"a": "theirs\n"}, {"a": "theirs\n", "b": ""}),
    "no-end-of-line": Story(
        {"a": text("cat")},
        {"a": text("cat")[:-1]},
        {"a": text("cat", "theirs")},
        {"a": text("cat", "theirs")[:-1]},
    ),
    "carriage-returns": Story(
        {"a": text("dog")},
        {"a": text("dog", last="ours", end="\r\n")},
        {"a": text("dog", "theirs")},
        {"a": text("dog", "theirs", "ours", end="\r\n")},
    ),
    "carriage-returns-renamed": Story(
        {"a": text("rat")},
        {"a": text("rat", last="ours", end="\r\n")},
        {"a": None, "b": text("rat", "theirs")},
        {"a": None, "b": text("rat", "theirs", "ours", end="\r\n")},
    ),
    "latin-1": Story(
        {"a": text("J\xf6rg").encode("latin-1")},
        {"a": text("J\xf6rg", last="\xfcber").encode("latin-1")},
        {"a": text("J\xf6rg", "\xe4ndern").encode("latin-1")},
        {"a": text("J\xf6rg", "\xe4ndern", "\xfcber").encode("latin-1")},
    ),
    "binary": Story(
        {"a": b"\0\1" * 99, "b": b"\0\2" * 99},
        {"a": b"\0\3" * 99},
        {"a": b"\0\4" * 99, "b": b"\0\5" * 99},
        {"a": b"\0\3" * 99, "b": b"\0\5" * 99},
        {"a"},
    ),
}


@dataclass(frozen=True)
class Played:
    """An update with all stories in it, and what was said of it."""

    owner: Owner
    told: Told

    def commands(self, path: str) -> list[str]:
        """Give the commands that are shown for a conflict."""
        lines = self.told.out.split(f"conflict  {path}: ")[1].split("\n\n")[0].splitlines()
        return [line.removeprefix("  $ ") for line in lines if line.startswith("  $ ")]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    place = tmp_path_factory.mktemp("stories")

    def all_of(side: str) -> dict[str, Content]:
        return {
            f"{name}/{file}": content
            for name, story in STORIES.items()
            for file, content in getattr(story, side).items()
        }

    template = small_releases(place / "template", dict(FILES) | all_of("base"))
    owner = Owner(template, built(template, place / "harbour"))
    owner.commit(all_of("ours"))
    owner.release(all_of("theirs"))
    told = owner.update()
    assert told.code == 1, told
    return Played(owner, told)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str, played: Played) -> None:
    story, folder = STORIES[name], played.owner.service / name
    conflicts = {each for each in played.told.conflicts if each.startswith(f"{name}/")}
    assert conflicts == {f"{name}/{file}" for file in story.conflicts}
    known = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    wanted = {
        file: content.encode() if isinstance(content, str) else content
        for file, content in story.after.items()
        if content is not None
    }
    assert known == wanted
    for note in story.notes:
        assert f"Note: {name}/{note} " in played.told.err


@pytest.mark.parametrize(
    "path",
    [f"{name}/{file}" for name, story in STORIES.items() for file in sorted(story.conflicts)],
)
def test_each_command_for_a_conflict_ends_it(path: str, played: Played, tmp_path: Path) -> None:
    service = played.owner.service
    commands = played.commands(path)
    assert commands
    for number, command in enumerate(commands):
        copy = tmp_path / str(number)
        shutil.copytree(service, copy, symlinks=True)
        _, edits, rest = command.rpartition(", then ")
        before = (copy / path).read_bytes() if (copy / path).exists() else b""
        run = rest.replace(str(service), str(copy))
        subprocess.run(run, shell=True, cwd="/", check=True, capture_output=True)
        left = git(copy, "ls-files", "-z", "--unmerged").split("\0")
        assert not [each for each in left if each.endswith(f"\t{path}")]
        if "rm " in run:
            assert not (copy / path).exists()
        elif edits or "keep it" in run:
            assert edits == "" or shlex.split(command)[1] == f"{service / path},"
            assert (copy / path).read_bytes() == before
        else:
            side = STORIES[path.partition("/")[0]]
            wanted = (side.ours if "--ours" in run else side.theirs)[path.partition("/")[2]]
            if isinstance(wanted, str):
                wanted = wanted.encode()
            assert (copy / path).read_bytes() == wanted or path.startswith("ours-renames-to")

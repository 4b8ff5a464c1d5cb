"""`drydock new` at a terminal: how it asks, its summary, corrections, and how it is left."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path

import pytest
import yaml

from drydock.asking.groups import groups
from tests.command import ROOT, Command, contents, listing, small_template
from tests.harness import variants
from tests.harness.screen import CLEAR, CTRL_C, CTRL_D, DOWN, ENTER, Screen
from tests.harness.variants import questions
from tests.test_questions import SECTIONS

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
BUILD = "Build it?"

Opened = AbstractContextManager[tuple[subprocess.Popen[bytes], Screen]]
Interview = Callable[..., Opened]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def template(command: Command, tmp_path: Path) -> Path:
    return small_template(command, tmp_path / "template")


@pytest.fixture
def interview(command: Command, template: Path) -> Interview:
    """Open an interview; at the end of the block the command is gone."""

    @contextmanager
    def opened(*arguments: str, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], Screen]]:
        command.env |= env
        common = ("--template", str(template), "--no-git", "--no-install")
        with command.terminal("new", *arguments, *common) as (process, terminal):
            yield process, Screen(terminal)

    return opened


@cache
def asked(**given: str) -> list[str]:
    """Name what is asked where these answers are given, and else the defaults are taken."""
    with variants.interview() as found:
        return [
            each.name
            for each in found.questions
            if each.name not in given and found.is_asked(each, given)
        ]


def take_defaults(screen: Screen, *names: str) -> None:
    """Press Enter at each of these questions."""
    for name in names or asked():
        screen.wait_for(f"{name}:")
        screen.type(ENTER)
    screen.wait_for(BUILD)


def correct(screen: Screen, which: str, typed: str, *further: str) -> None:
    """Choose an answer in the summary, and type another; then take the defaults of others."""
    screen.type(f"{which}\n")
    screen.wait_for(f"{which}:")
    screen.type(f"{typed}{ENTER}")
    take_defaults(screen, *further) if further else screen.wait_for(BUILD)


def recorded(service: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((service / ".copier-answers.yml").read_text())
    return found


def summary(screen: Screen) -> dict[str, str]:
    """Read the last summary, without the numbers."""
    shown = "\n".join(screen.lines).rpartition("\n 0  folder")[2]
    rows = re.findall(r"^ *\d+  (\w+)  +(.*)$", shown, re.MULTILINE)
    return dict(rows)


class TestAsking:
    def test_without_a_word_it_asks_all_in_groups_within_80_columns(
        self, interview: Interview, command: Command
    ) -> None:
        with interview() as (process, screen):
            screen.wait_for("folder:")
            screen.type(f"billing{ENTER}")
            take_defaults(screen)
            assert listing(command.cwd) == []  # nothing is written before the answer
            lines = screen.lines
            screen.type("\n")
            screen.wait_for_words("make test")
            assert process.wait(30) == 0
        headings = [f"{name}  {number} of 7" for number, name in enumerate(SECTIONS, 1)]
        assert [line for line in lines if line in headings] == headings
        for name, question in questions().items():
            assert (question["help"] in lines) is (name in asked())
        assert max(map(len, lines)) <= 80
        assert recorded(command.cwd / "billing")["project_name"] == "Billing"

    def test_it_gives_what_copier_gives(
        self, interview: Interview, command: Command, template: Path
    ) -> None:
        with interview("ours/billing", "-d", "license=Apache-2.0") as (process, screen):
            screen.wait_for("project_name:")
            screen.type(f"{CLEAR}Harbour{ENTER}")
            keys = {"layout": f"{DOWN}{ENTER}", "tasks": f"3{ENTER}", "api_keys": "y"}
            for name in [*questions()][1:]:
                if name != "license":
                    screen.wait_for(f"{name}:")
                    screen.type(keys.get(name, ENTER))
            screen.wait_for(BUILD)
            screen.type("yes\n")
            screen.wait_for_words("make test")
            assert process.wait(30) == 0
        given = ["project_name=Harbour", "license=Apache-2.0", "layout=layered", "tasks=celery"]
        options = [word for each in (*given, "api_keys=true") for word in ("-d", each)]
        done = command.python(
            *("copier", "copy", "--trust", "--defaults", "--quiet", *options),
            *(str(template), "theirs/billing"),
        )
        assert done.returncode == 0, done.stderr
        assert contents(command.cwd / "ours") == contents(command.cwd / "theirs")

    def test_what_the_command_line_answers_is_in_the_summary_alone(
        self, interview: Interview
    ) -> None:
        given = {"auth": "none", "project_name": "Harbour", "docker": "false"}
        options = [word for each in given.items() for word in ("-d", "=".join(each))]
        with interview("billing", *options) as (_, screen):
            take_defaults(screen, *asked(**given))
            shown = summary(screen)
            assert not any(line.startswith(questions()["auth"]["help"]) for line in screen.lines)
            screen.type(CTRL_C)
        assert (shown["auth"], shown["project_name"], shown["docker"]) == ("none", "Harbour", "no")
        assert not {"api_keys", "proxy"} & shown.keys()

    def test_an_answer_that_is_not_valid_is_typed_again(self, interview: Interview) -> None:
        with interview("billing", "-d", "license=GPL") as (_, screen):
            screen.wait_for("project_name:")
            screen.type(f"{CLEAR}{{{{ x{ENTER}")
            screen.wait_for_words("project_name: must not contain {{, {% or {#, which templates")
            screen.wait_for("project_name: {{ x")  # to be mended, not to be typed anew
            assert "Validation error" not in "".join(screen.lines)
            screen.type(f"{CLEAR}Harbour{ENTER}")
            for name in ("project_slug", "description", "author_name", "author_email"):
                screen.wait_for(f"{name}:")
                screen.type(ENTER)
            screen.wait_for("license:")
            screen.wait_for_words("license: 'GPL' is not one of MIT, Apache-2.0,")
            screen.type(CTRL_C)

    def test_a_folder_that_is_taken_is_typed_again(
        self, interview: Interview, command: Command
    ) -> None:
        (command.cwd / "taken").mkdir()
        (command.cwd / "taken/notes.txt").touch()
        with interview() as (_, screen):
            screen.wait_for("folder:")
            screen.type(f"taken{ENTER}")
            screen.wait_for_words("choose a new path, or empty the folder.")
            screen.type(f"{CLEAR}billing{ENTER}")
            screen.wait_for("project_name: Billing")
            screen.type(CTRL_C)

    def test_a_key_redraws_no_more_than_it_changes(self, interview: Interview) -> None:
        with interview("billing", "-d", "project_name=x") as (_, screen):
            for name in ("project_slug", "description", "author_name", "author_email"):
                screen.wait_for(f"{name}:")
                screen.type(ENTER)
            screen.wait_for_words("4) Proprietary")
            before = len(screen.sent)
            screen.type(DOWN)
            screen.wait_for_words("> 2) Apache-2.0")
            assert len(screen.sent) - before < 200
            screen.type(CTRL_C)
            screen.wait_for_words("Stopped")
        # Neither another screen, nor the whole of this one, nor reports of a mouse.
        assert not re.search(rb"\x1b\[(\?1049h|2J|\?100[0-6]h|6n)", screen.sent)


class TestCorrecting:
    def test_by_number_or_name_and_what_follows_from_it(
        self, interview: Interview, command: Command
    ) -> None:
        with interview("billing") as (process, screen):
            take_defaults(screen)
            screen.type("1\n")
            screen.wait_for("project_name: Billing")
            screen.type(f"{CLEAR}Harbour Desk{ENTER}")
            screen.wait_for(BUILD)
            assert "Follows from it: project_slug: harbour-desk" in "\n".join(screen.lines)
            correct(screen, "project_slug", f"{CLEAR}quay")
            correct(screen, "project_name", f"{CLEAR}Pier")
            assert summary(screen)["project_slug"] == "quay"  # what was typed stays
            assert summary(screen)["author_name"] == "Pier team"
            screen.type("y\n")
            screen.wait_for_words("make test")
            assert process.wait(30) == 0
        answers = recorded(command.cwd / "billing")
        assert (answers["project_name"], answers["project_slug"]) == ("Pier", "quay")

    def test_asks_what_it_brings_and_drops_what_it_hides(
        self, interview: Interview, command: Command
    ) -> None:
        with interview("billing") as (process, screen):
            take_defaults(screen)
            correct(screen, "tasks", "3", "celery_broker")
            assert summary(screen)["celery_broker"] == "redis"
            correct(screen, "auth", "2")
            assert "api_keys" not in summary(screen)
            assert "No longer asked: api_keys" in screen.lines
            screen.type("y\n")
            screen.wait_for_words("make test")
            assert process.wait(30) == 0
        answers = recorded(command.cwd / "billing")
        assert (answers["tasks"], answers["celery_broker"]) == ("celery", "redis")
        assert "api_keys" not in answers

    def test_what_was_given_and_the_folder(self, interview: Interview, command: Command) -> None:
        with interview("billing", "-d", "license=MIT") as (process, screen):
            take_defaults(screen, *asked(license="MIT"))
            correct(screen, "license", "2")
            correct(screen, "folder", "deep/harbour")
            assert summary(screen)["project_name"] == "Harbour"
            screen.type("\n")
            screen.wait_for_words("make test")
            assert process.wait(30) == 0
        assert listing(command.cwd)[:2] == ["deep", "deep/harbour"]
        assert recorded(command.cwd / "deep/harbour")["license"] == "Apache-2.0"

    def test_what_is_no_answer_is_said(self, interview: Interview) -> None:
        with interview("billing") as (_, screen):
            take_defaults(screen)
            screen.type("99\n")
            screen.wait_for_words(
                f"'99' is no answer here: type y, n, or a number up to {len(asked())}."
            )
            screen.wait_for(BUILD)
            screen.type(CTRL_D)
            screen.wait_for_words("Stopped: nothing was built.")


class TestLeaving:
    @pytest.mark.parametrize(
        ("at", "key"),
        [
            ("folder", CTRL_C),
            ("folder", CTRL_D),
            ("project_name", CTRL_C),
            ("layout", CTRL_C),
            ("example", CTRL_C),
        ],
    )
    def test_writes_nothing_and_says_so_in_a_line(
        self, interview: Interview, command: Command, at: str, key: str
    ) -> None:
        with interview() as (process, screen):
            for name in ("folder", *asked()):
                screen.wait_for(f"{name}:")
                if name == at:
                    break
                screen.type(f"deep/billing{ENTER}" if name == "folder" else ENTER)
            screen.type(key)
            screen.wait_for_words("Stopped: nothing was built.")
            assert process.wait(30) == 130
        assert "Traceback" not in "\n".join(screen.lines)
        assert listing(command.cwd) == []


class TestTerminals:
    def test_no_colour_where_none_is_wanted(self, interview: Interview) -> None:
        for wanted, env in ((True, {}), (False, {"NO_COLOR": "1"})):
            with interview("billing", **env) as (_, screen):
                take_defaults(screen)
                screen.type(CTRL_D)
                screen.wait_for_words("Stopped")
            assert bool(COLOUR.search(screen.sent)) is wanted

    def test_a_dumb_one_is_asked_in_lines(self, interview: Interview, command: Command) -> None:
        typed = {"author_email": "nobody\n\n", "license": "7\n2\n", "example": "perhaps\nno\n"}
        typed |= {"layout": "layered\n"}
        with interview(TERM="dumb") as (process, screen):
            screen.wait_for("folder:")
            screen.type("billing\n")
            for name in asked():
                screen.wait_for(name)
                screen.type(typed.get(name, "\n"))
            screen.wait_for(BUILD)
            screen.type("y\n")
            screen.wait_for_words("make test")
            assert process.wait(30) == 0
        assert b"\x1b" not in screen.sent
        for words in (
            "  author_email: must be an e-mail address, such as team@example.com, or empty.",
            "  license: '7' is not one of MIT, Apache-2.0, BSD-3-Clause, Proprietary.",
            "  example: must be true or false, not 'perhaps'.",
            "    2) by role: app/services/users.py (layered)",
        ):
            assert words in screen.lines
        answers = recorded(command.cwd / "billing")
        assert (answers["license"], answers["layout"]) == ("Apache-2.0", "layered")
        assert answers["example"] is False

    def test_without_one_a_folder_has_to_be_given(self, command: Command, template: Path) -> None:
        done = command.drydock("new", "--template", str(template))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            "Error: nobody can be asked where it goes: give a folder, `drydock new billing`."
        ]


class TestGroups:
    def test_each_question_of_this_template_has_one(self) -> None:
        found = groups((ROOT / "copier.yml").read_text(encoding="utf-8"))
        assert list(dict.fromkeys(found[name] for name in questions())) == SECTIONS

    def test_are_those_of_the_headings(self) -> None:
        text = (
            "a: 1\n# ---------- One two\nb:\n  c: 2\n# --- not one\nd: 3\n# ----------- Two\ne: 4"
        )
        assert groups(text) == {"a": "", "b": "One two", "d": "One two", "e": "Two"}

    def test_are_not_needed(self, interview: Interview, template: Path) -> None:
        copier = template / "copier.yml"
        copier.write_text(re.sub(r"(?m)^# -{10,}.*$", "", copier.read_text()))
        with interview("billing") as (_, screen):
            take_defaults(screen)
            screen.type(CTRL_D)
        assert not any(" of " in line and line.startswith("Project") for line in screen.lines)

"""The tutorial, done as it is written: each command, each file, each output."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.paths import ROOT
from tests.harness.process import CommandError
from tests.harness.releases import commit, repository
from tests.harness.variants import OF_A_TEMPLATE, snapshot
from tests.harness.walkthrough import Commands, File, Stop, Walk, missing, steps

TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
# What a checkout needs to be installed and to render.
OF_THE_COMMAND = ("pyproject.toml", "README.md", "LICENSE", "src")


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    with Walk(tmp_path, tmp_path) as walk:
        yield walk


def test_whoever_follows_the_tutorial_and_the_guides_after_it_has_what_they_say(
    tmp_path: Path,
) -> None:
    checkout = repository(tmp_path / "drydock")
    snapshot(checkout, (*OF_A_TEMPLATE, *OF_THE_COMMAND))
    commit(checkout, "The template as it is now")
    with Walk(tmp_path, checkout) as walk:
        assert walk.take(TUTORIAL) > 25
        assert walk.running == []
        walk.go_to("harbour-desk")
        for guide in ("write-a-task", "add-a-feature"):
            assert walk.take((ROOT / f"docs/guides/{guide}.md").read_text(encoding="utf-8"))
    server = tmp_path / "work/server"
    assert (server / "data/app.db").stat().st_size > 0
    assert oct((server / "secrets/secret_key").stat().st_mode)[-3:] == "600"


def test_no_command_of_the_tutorial_escapes() -> None:
    found = list(steps(TUTORIAL))
    commands = "".join(step.script for step in found if isinstance(step, Commands))
    files = [step.text for step in found if isinstance(step, File)]
    blocks = re.findall(r"^```(\w+).*?\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL)
    assert {language for language, _ in blocks} == {"sh", "text", "python"}
    assert commands == "".join(text for language, text in blocks if language == "sh")
    assert files == [text for language, text in blocks if language == "python"]
    assert found.count(Stop()) == 2


def test_what_a_page_says_is_done_in_one_shell(walk: Walk) -> None:
    page = (
        '```python title="a/b.py"\nprint("from a file")\n```\n'
        "```sh\ncd a\nsaid=here\n```\n"
        '```sh\necho "$said"\npython3 b.py\n```\n```text\nhere\nfrom …\n```\n'
        "<!-- exit code 3 -->\n```sh\nexit 3\n```\n"
    )
    assert walk.take(page) == 5


@pytest.mark.parametrize(
    "page",
    [
        "```sh\nfalse\n```\n",
        "```sh\nfalse | true\n```\n",
        "```sh\nfalse\ntrue\n```\n",
        "<!-- exit code 2 -->\n```sh\ntrue\n```\n",
        "```sh\necho said\n```\n```text\nsaid\nmore\n```\n",
    ],
)
def test_what_does_not_happen_as_written_is_seen(page: str, walk: Walk) -> None:
    with pytest.raises(CommandError):
        walk.take(page)


def test_an_output_needs_its_commands() -> None:
    with pytest.raises(LookupError):
        list(steps("```text\nsaid\n```\n"))


def test_lines_are_looked_for_in_their_order() -> None:
    assert missing("a\nc …\n", "a\nb\nc d\n") == ""
    assert missing("b\na\n", "a\nb\n") == "a"
    assert missing("a.c\n", "abc\n") == "a.c"

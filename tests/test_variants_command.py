"""`drydock variants`: lists, runs, reports, and names what cannot be done."""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.command import Command
from tests.harness.paths import ROOT
from tests.harness.variants import array, questions

VARIED = sum("choices" in each or each["type"] == "bool" for each in questions().values())
STRENGTHS = f"1 to {VARIED}, the number of questions with choices"
# A checkout of its own: what its variants do is decided by their names.
CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--only", action="append", default=[])
    parser.addoption("--strength")
    parser.addoption("--no-cache", action="store_true")

def pytest_generate_tests(metafunc):
    metafunc.parametrize("name", metafunc.config.getoption("only"))
"""
TEST = """
import time

def test_variant(name, record_property, request):
    record_property("steps", {"install": 1.5, "serve <&>": 2.5})
    if "cached" in name and not request.config.getoption("no_cache"):
        record_property("cached", "2026-01-02")
    if "bad" in name:
        record_property("failed_in", "its own make test")
        raise AssertionError("what it said <last>\\n\\nmake: *** [Makefile:1: test] Error 1")
    if "slow" in name:
        time.sleep(60)
"""
RUN = """
import sys
from pathlib import Path
from drydock.cli import app
from drydock.variants import command
from drydock.variants.covering import Variant

def choose(*_):
    answers = [[tuple(word.split("=")) for word in name.split(",")] for name in sys.argv[2:]]
    return [Variant(tuple(each)) for each in answers]

command.choose = choose
command.Interview = lambda _: None
command.source.checkout = lambda: Path(sys.argv[1])
app(["variants", "--run", "--jobs", "2", "--report", "report"], prog_name="drydock")
"""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A checkout whose variants take no time."""
    root = tmp_path / "checkout"
    (root / "tests").mkdir(parents=True)
    (root / "copier.yml").write_text("a:\n  type: bool\n")
    (root / "pyproject.toml").write_text("")
    (root / "tests/conftest.py").write_text(CONFTEST)
    (root / "tests/test_variants.py").write_text(TEST)
    return root


def run_those(root: Path, *names: str) -> list[str]:
    """Write the command that runs variants of a stand-in, such as `a=x,b=bad`."""
    return [sys.executable, "-c", RUN, str(root), *names]


class Cells(HTMLParser):
    """The classes and titles of the cells of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        if tag == "td" and given.get("title"):
            self.found[str(given["title"])] = str(given["class"])


def test_lists_every_variant_with_its_answers(command: Command) -> None:
    done = command.drydock("variants")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    head, rest = " ".join(lines[:2]).split(), lines[2:]
    yes_or_no = {name for name, each in questions().items() if each["type"] == "bool"}
    for name in questions().keys() - yes_or_no:
        if "choices" in questions()[name]:
            assert set(name.replace("_", "_ ").split()) <= set(head)
    assert len(rest) == 2 * len(array(2))
    for line, other, variant in zip(rest[::2], rest[1::2], array(2), strict=True):
        answers = [answer or "-" for name, answer in variant.answers if name not in yes_or_no]
        assert line.split()[1:] == answers
        given = [name for name, answer in variant.answers if name in yes_or_no and answer]
        assert other.strip() == f"with {', '.join(given) or 'nothing'}"
    assert max(map(len, lines)) <= 80


def test_json_is_for_a_matrix(command: Command) -> None:
    listed = []
    for part in ("1/2", "2/2"):
        done = command.drydock("variants", "--json", "--shard", part)
        assert done.returncode == 0, done.stderr
        listed += json.loads(done.stdout)
    assert {each["name"]: each["answers"] for each in listed} == {
        str(variant): variant.data() for variant in array(2)
    }


def test_strength_and_name_choose(command: Command) -> None:
    done = command.drydock("variants", "--json", "--strength", "3")
    assert [each["name"] for each in json.loads(done.stdout)] == [str(each) for each in array(3)]
    name = str(array(3)[-1])
    done = command.drydock("variants", "--json", "--only", name)
    assert [each["name"] for each in json.loads(done.stdout)] == [name]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--strength", "0"], f"--strength is a number from {STRENGTHS}"),
        (["--strength", "99"], f"--strength is a number from {STRENGTHS}"),
        (["--shard", "9/8"], "--shard is a part such as 1/3, not '9/8'"),
        (["--only", "nobody"], "no variant is called 'nobody'"),
        (["--report", "x"], "add --run"),
        (["--json", "--run"], "give one of them"),
        (["--run", "--template", "."], "leave out --template"),
        (["--jobs", "0"], "--jobs is a number from 1 on"),
        (["--template", "no/such"], "does not exist"),
    ],
)
def test_bad_input_is_named(command: Command, arguments: list[str], named: str) -> None:
    done = command.drydock("variants", *arguments)
    assert done.returncode == 2
    assert named in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(command.cwd.iterdir()) == []


def test_run_needs_a_checkout_with_its_test(command: Command, stand_in: Path) -> None:
    (stand_in / "tests/test_variants.py").unlink()
    done = command.run(*run_those(stand_in, "a=x"))
    assert done.returncode == 2
    assert "needs a checkout of the template with tests/test_variants.py" in done.stderr


def test_run_without_uv_says_so(command: Command, stand_in: Path) -> None:
    done = command.run(*run_those(stand_in, "a=x"), PATH="/usr/bin:/bin")
    assert done.returncode == 2
    assert "--run needs uv" in done.stderr


def test_run_reports_what_it_saw(command: Command, stand_in: Path) -> None:
    done = command.run(*run_those(stand_in, "a=x,b=good", "a=y,b=bad", "a=y,b=cached"))
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "✓ y-cached  passed on 2026-01-02" in lines
    assert any(line.startswith("✓ x-good  ") for line in lines)
    assert any(
        line.startswith("✗ y-bad  ") and line.endswith("in: its own make test") for line in lines
    )
    assert "  says: AssertionError: what it said <last>" in lines
    assert "  repeat it: drydock variants --run --only y-bad" in lines
    log = next(line for line in lines if "whole output:" in line).split(": ", 1)[1]
    assert "what it said <last>" in Path(log).read_text()
    assert any(line.startswith("2 of 3 passed in ") for line in lines)

    suite = ET.parse(command.cwd / "report/junit.xml").getroot()
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert set(cases) == {"test_variant[x-good]", "test_variant[y-bad]", "test_variant[y-cached]"}
    assert [name for name, case in cases.items() if case.find("failure") is not None] == [
        "test_variant[y-bad]"
    ]

    page = (command.cwd / "report/index.html").read_text(encoding="utf-8")
    cells = Cells(page)
    assert cells.found["a y, b bad: failed, variants: 1"] == "failed"
    assert cells.found["b bad, a y: failed, variants: 1"] == "failed"
    assert cells.found["a y, b cached: passed, variants: 1"] == "passed"
    assert cells.found["a y, a y: failed, variants: 2"] == "failed"
    assert "a x, b bad" not in page
    assert "what it said &lt;last&gt;" in page
    assert "<last>" not in page
    assert not {"script", "link", "img", "iframe"} & cells.tags


def test_run_without_a_failure_ends_with_0(command: Command, stand_in: Path) -> None:
    done = command.run(*run_those(stand_in, "a=x", "a=y"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 passed" in done.stdout


def test_interrupt_is_said_in_one_line(command: Command, stand_in: Path) -> None:
    process = subprocess.Popen(
        run_those(stand_in, "a=x", "a=slow", "a=slow2", "a=slow3"),
        cwd=command.cwd,
        env=command.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("✓ x")
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=40)
    assert process.returncode == 130, output + errors
    assert "1 of 4 passed, 3 not run" in output
    assert errors.splitlines()[-1].startswith("Stopped: what has passed is kept")
    assert "Traceback" not in output + errors


def test_options_are_those_of_the_test() -> None:
    """What the command passes on, the test of this checkout takes."""
    name = str(array(2)[0])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/test_variants.py"),
            *("-p", "no:cacheprovider", "--strength", "2", "--no-cache", "--only", name),
        ],
        cwd=ROOT,
        # What whoever runs these tests wants to see of them is no matter of this one.
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0] == f"tests/test_variants.py::test_variant[{name}]"
    assert "1 test collected" in done.stdout

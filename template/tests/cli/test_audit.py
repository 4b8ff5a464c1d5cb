import json
from pathlib import Path

import pytest

from app.cli.audit import Answer, findings, heeded, read
from app.cli.main import main
from app.cli.program import ProgramError

# As pip-audit 2.10.1 prints it.
VULNERABLE = """{"dependencies": [{"name": "jinja2", "version": "3.1.2", "vulns": [{"id":
"CVE-2024-22195", "fix_versions": ["3.1.3"], "aliases": ["GHSA-h5c8-rqwp-cp95"]}]}, {"name":
"markupsafe", "version": "3.0.4", "vulns": []}], "fixes": []}"""
LOCK = """version = 1
requires-python = ">=3.11"
[[package]]
name = "a"
version = "1"
source = { virtual = "." }
"""
SKIPPED = """{"dependencies": [{"name": "jinja2", "skip_reason": "Dependency not found on PyPI and
could not be audited: jinja2 (3.1.2)"}], "fixes": []}""".replace("\n", " ")


def wrong(printed: str, lines: list[str], **ignored: str) -> list[str]:
    answer = read(printed, "")
    return list(heeded(findings(answer, lines), ignored))


def test_a_vulnerability_is_told_with_what_fixes_it() -> None:
    assert wrong(VULNERABLE, ["jinja2==3.1.2", "markupsafe==3.0.4"]) == [
        "jinja2 3.1.2: CVE-2024-22195 (GHSA-h5c8-rqwp-cp95), fixed in 3.1.3"
    ]


def test_a_vulnerability_that_nothing_fixes_yet_is_told_too() -> None:
    assert wrong(VULNERABLE.replace('"3.1.3"', ""), []) == [
        "jinja2 3.1.2: CVE-2024-22195 (GHSA-h5c8-rqwp-cp95), no fix"
    ]


def test_a_package_that_could_not_be_looked_up_is_no_safe_one() -> None:
    (line,) = wrong(SKIPPED, ["jinja2==3.1.2"])
    assert line.startswith("jinja2: not audited: Dependency not found on PyPI")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("left-out==1.0", ["left-out: not audited: pip-audit left it out"]),
        ("left-out==1.0 ; sys_platform == 'win32'", []),  # it is not installed here
        ("mine @ git+https://example.com/mine", ["mine: not audited: it comes from no index"]),
    ],
)
def test_every_package_of_the_lock_needs_an_answer(line: str, told: list[str]) -> None:
    assert wrong('{"dependencies": []}', [line]) == told


@pytest.mark.parametrize("name", ["CVE-2024-22195", "GHSA-h5c8-rqwp-cp95"])
def test_what_does_not_matter_here_is_left_out_with_its_reason(name: str) -> None:
    reason = {name: "no template takes keys from a request"}
    assert wrong(VULNERABLE, [], **reason) == []
    assert wrong(SKIPPED, [], jinja2="it is our own") == []


def test_nothing_is_ignored_without_a_reason_or_in_vain() -> None:
    told = wrong(VULNERABLE, [], **{"CVE-2024-22195": "", "CVE-2019-0001": "gone since"})
    assert len(told) == 3
    assert told[1:] == [
        f"{name}: ignored in pyproject.toml, in vain or without a reason"
        for name in ("CVE-2019-0001", "CVE-2024-22195")
    ]


@pytest.mark.parametrize("printed", ["", "[]", "{}", "No known vulnerabilities found"])
def test_what_is_no_answer_is_no_verdict(printed: str) -> None:
    with pytest.raises(ProgramError, match=r"^Nothing was audited: .*Connection refused$"):
        read(printed, "Traceback:\n  ...\nConnectionError: Connection refused\n")


def test_an_answer_keeps_the_names_that_pip_audit_gives() -> None:
    given = {"dependencies": [{"name": "typing-extensions", "version": "4.16.0", "vulns": []}]}
    answer = Answer.model_validate_json(json.dumps(given))
    assert list(findings(answer, ["typing-extensions==4.16.0"])) == []


@pytest.mark.parametrize(
    ("files", "environment", "said"),
    [
        ({}, {}, "There is no uv.lock here: `make install` writes it.\n"),
        ({"uv.lock": ""}, {"PATH": ""}, "uv is not installed: "),
        ({"uv.lock": "broken"}, {}, "`uv export` failed: error: "),
        (
            {"uv.lock": LOCK},
            {"UV_OFFLINE": "1", "UV_CACHE_DIR": "empty"},
            "Nothing was audited: error: ",
        ),
    ],
)
def test_where_nothing_can_be_audited_a_sentence_says_why(
    files: dict[str, str],
    environment: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project = '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.11"\n'
    for name, text in ({"pyproject.toml": project} | files).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["app", "audit"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(said)

"""Answers from the command line and from a file, checked before the interview begins.

Copier takes an unknown key without a word and reads `maybe` as yes: both are refused here. What a
template's own choices and validators refuse is left to Copier (see `rendering`).
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from drydock.errors import Refused, one_line

YES_NO = {"y", "yes", "t", "true", "on", "n", "no", "f", "false", "off"}


def gather(pairs: Sequence[str], file: Path | None) -> dict[str, Any]:
    """Join `-d key=value` and the data file as Copier does: text as typed, and `-d` wins.

    Raises:
        Refused: for a pair without `=`, or a file that is not a YAML mapping.
    """
    answers = from_file(file) if file else {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise Refused(f"-d {pair!r} is not key=value: write it like -d layout=layered.")
        answers[key] = value
    return answers


def from_file(file: Path) -> dict[str, Any]:
    """Read answers from a YAML mapping, an answers file too.

    Raises:
        Refused: when it cannot be read, or holds something else.
    """
    content = read(file, f"the data file {str(file)!r}")
    return {key: value for key, value in content.items() if not key.startswith("_")}


def read(file: Path, name: str) -> dict[str, Any]:
    """Read a YAML mapping, with what it says of the template.

    Raises:
        Refused: when it cannot be read, or holds something else; it is called `name` then.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{name} cannot be read ({error.strerror}): check its path.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8: save it as UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        problem = one_line(str(getattr(error, "problem", None) or "a character it cannot hold"))
        raise Refused(
            f"{name} is not YAML{line} ({problem}): write one `question: answer` a line."
        ) from error
    if not isinstance(content, dict):
        raise Refused(f"{name} holds no mapping: write one `question: answer` a line.")
    return {str(key): value for key, value in content.items()}


def check(answers: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> None:
    """Hold answers against the questions of the template.

    Raises:
        Refused: for an unknown question, or a value that Copier would bend into an answer.
    """
    for key, value in answers.items():
        if key not in questions:
            near = get_close_matches(key, questions, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise Refused(f"there is no question {key!r}: {hint}It asks {', '.join(questions)}.")
        kind = questions[key].get("type", "")
        if kind == "bool":
            check_yes_no(key, value)
        elif kind == "str" and not isinstance(value, str | int | float):
            raise Refused(f"{key}: must be text, not {kind_of(value)}; put it in quotes.")


def check_yes_no(key: str, value: object) -> None:
    """Refuse what is neither yes nor no; Copier would take it for a yes."""
    if not isinstance(value, bool) and str(value).strip().lower() not in YES_NO | {"0", "1"}:
        raise Refused(f"{key}: must be true or false, not {value!r}.")


def kind_of(value: object) -> str:
    """Name what YAML made of a value."""
    if value is None:
        return "empty"
    names = {"dict": "a mapping", "list": "a list", "date": "a date", "datetime": "a time"}
    return names.get(type(value).__name__, f"a {type(value).__name__}")

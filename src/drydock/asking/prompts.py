"""How a question is asked: with keys where the terminal moves its cursor, else line by line."""

import os
from collections.abc import Callable
from typing import Any

from copier._user_data import Question
from questionary import Style, unsafe_prompt
from rich.text import Text

from drydock.answers import check_yes_no
from drydock.display import out, shown
from drydock.errors import Refused
from drydock.rendering import complaint

# The sixteen colours that a terminal's owner has chosen.
STYLE = Style(
    [
        ("question", "bold"),
        ("answer", "fg:ansicyan"),
        ("pointer", "fg:ansicyan bold"),
        ("highlighted", "fg:ansicyan"),
        ("selected", "noreverse"),  # the default: that the pointer begins there says enough
        ("instruction", "fg:ansibrightblack"),
    ]
)
KEYS = "(arrows or a number, then Enter)"
Structure = dict[str, Any]


def ask(question: Question) -> Any:
    """Ask a question of the template until the answer is valid.

    Raises:
        KeyboardInterrupt: on Ctrl-C, and where the input ends (Ctrl-D).
    """
    structure = question.get_questionary_structure()
    if not takes_keys():
        return line(structure, lambda typed: parsed(question, structure, typed))
    return keys(structure)


def ask_text(name: str, check: Callable[[str], None]) -> str:
    """Ask for a text, until `check` takes it: it raises Refused for one that it does not."""
    structure: Structure = {"type": "input", "name": name, "validate": lambda it: said(check, it)}
    if takes_keys():
        return str(keys(structure))

    def parse(typed: str) -> str:
        check(typed)
        return typed

    return str(line(structure, parse))


def takes_keys() -> bool:
    """Tell whether the terminal shows what keys do; one that is `dumb` prints lines alone."""
    return out.is_terminal and not out.is_dumb_terminal


def keys(structure: Structure) -> Any:
    """Ask with the library that Copier asks with."""
    # It would wait for the terminal to say where its cursor is: over a slow line for seconds.
    os.environ.setdefault("PROMPT_TOOLKIT_NO_CPR", "1")
    name, check, cast = structure["name"], structure.get("validate"), structure.get("filter")
    changed: Structure = {"message": f"{name}:", "qmark": " ", "style": STYLE}
    if structure["type"] == "select":
        changed |= {"use_shortcuts": True, "pointer": ">", "instruction": KEYS}
    # A mouse is of no use here, and a check after Enter needs no redrawing at each key.
    left_out = ("mouse_support", "when", "validate", "filter")
    kept = {key: value for key, value in structure.items() if key not in left_out}
    while True:
        try:
            answer = unsafe_prompt([kept | changed])[name]
        except EOFError as error:
            raise KeyboardInterrupt from error
        verdict = check(answer) if check else True
        if verdict is True:
            return cast(answer) if cast else answer
        say(ValueError(verdict))
        if isinstance(answer, str):
            changed["default"] = answer


def line(structure: Structure, parse: Callable[[str], Any]) -> Any:
    """Ask for a line, with the choices in numbered lines above it."""
    for number, choice in enumerate(structure.get("choices", ()), 1):
        out.print(Text(f"    {number}) {choice.title}"))
    default = structure.get("default")
    value = getattr(default, "value", default)
    hint = f" [{shown(value)}]" if value not in (None, "") else ""
    while True:
        typed = read(f"  {structure['name']}{hint}: ")
        try:
            return parse(typed or (str(value) if value is not None else ""))
        except (Refused, ValueError) as error:
            say(error)


def say(error: Exception) -> None:
    """Say what is wrong with an answer."""
    out.print(Text(f"  {complaint(error) or error}", "yellow"))


def read(prompt: str) -> str:
    """Read a line.

    Raises:
        KeyboardInterrupt: on Ctrl-C, and where the input ends.
    """
    try:
        return out.input(Text(prompt)).strip()
    except EOFError as error:
        raise KeyboardInterrupt from error


def parsed(question: Question, structure: Structure, typed: str) -> Any:
    """Make an answer of what was typed: a number is that of a choice.

    Raises:
        Refused: where it is neither yes nor no.
        ValueError: where it is not valid.
    """
    choices = structure.get("choices", ())
    if question.get_type_name() == "bool" and not choices:
        check_yes_no(question.var_name, typed)
    if typed.isdigit() and 0 < int(typed) <= len(choices):
        typed = choices[int(typed) - 1].value
    answer = question.parse_answer(f"[{typed}]" if question.multiselect else typed)
    question.validate_answer(answer)
    return answer


def said(check: Callable[[str], None], typed: str) -> str | bool:
    """Give what a check says to a text, or True."""
    try:
        check(typed)
    except Refused as error:
        return str(error)
    return True

"""What people typed: refused with one sentence, or written so that every file type stays valid."""

import json
import keyword
import re
import sys
import unicodedata
from collections.abc import Collection, MutableMapping
from typing import Any

from copier_template_extensions import ContextHook
from jinja2 import Environment

DEFAULT_TITLE = "My Service"
# PostgreSQL cuts names at 63 bytes, and tests append to this one.
LONGEST_SLUG = 40
SLUG = re.compile(r"[a-z][a-z0-9-]*")
# One @, something on either side, a dot in the domain: the mailbox itself decides the rest.
EMAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[^\s@<>\"',;]+")
# What is markup anywhere in a line, and what is only at its beginning: lists, rules, headings.
MARKDOWN = re.compile(r"[\\`*_\[\]<>#|&~]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
# Copier renders a remembered default again: these would be run, not shown.
JINJA_OPENERS = ("{{", "{%", "{#")


def slug(text: str, reserved: Collection[str] = ()) -> str:
    """Derive a short name that `refuse_slug` accepts: lower-case ASCII words joined by dashes.

    A name that cannot be used ends in `-service`, one that began with a digit begins with it.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "my-service"
    if not words[0].isalpha():
        words = f"service-{words}"
    words = words[:LONGEST_SLUG].rstrip("-")
    return f"{words}-service" if refuse_slug(words, reserved) else words


def refuse_line(text: str, longest: int) -> str:
    """Say what is wrong with one line of text for people; nothing if it is fine."""
    if not text.strip():
        return "must not be empty."
    if text != text.strip():
        return "must not begin or end with a space."
    if len(text) > longest:
        return f"must have at most {longest} characters, not {len(text)}."
    # Cc, Cf, Cs, Co, Cn: control, invisible, surrogate, private and unassigned; Zl and Zp: line
    # and paragraph separators. The zero-width joiner (Cf) stays, emoji are built with it.
    if any(
        unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        and letter not in "\u200d\u200c"
        for letter in text
    ):
        return "must be one line of visible characters, without line breaks or control characters."
    if any(opener in text for opener in JINJA_OPENERS):
        return "must not contain {{, {% or {#, which templates would run."
    return ""


def refuse_slug(text: str, reserved: Collection[str]) -> str:
    """Say what is wrong with a short name; nothing if it is fine."""
    if not SLUG.fullmatch(text):
        return "must be lower-case letters, digits and dashes, and begin with a letter."
    if len(text) > LONGEST_SLUG:
        return f"must have at most {LONGEST_SLUG} characters, not {len(text)}."
    if text.endswith("-") or "--" in text:
        return "must have single dashes, and none at its end."
    name = text.replace("-", "_")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"must not be {text!r}, a keyword of Python: try {text}-service."
    if name in sys.stdlib_module_names:
        return f"must not be {text!r}, a module of Python's standard library: try {text}-service."
    if name in reserved:
        return f"must not be {text!r}, the name of a package it depends on: try {text}-service."
    return ""


def refuse_email(text: str) -> str:
    """Say what is wrong with an e-mail address; nothing if it is fine or empty."""
    if text and (len(text) > 254 or not EMAIL.fullmatch(text)):
        return "must be an e-mail address, such as team@example.com, or empty."
    return refuse_line(text, 254) if text else ""


def toml(text: str) -> str:
    """Write a TOML basic string, quotes included (a JSON string is one)."""
    return json.dumps(text, ensure_ascii=False)


def python(text: str) -> str:
    """Write a Python string literal with the quotes that `ruff format` would choose."""
    escaped = text.replace("\\", "\\\\")
    if escaped.count('"') > escaped.count("'"):
        return "'" + escaped.replace("'", "\\'") + "'"
    return '"' + escaped.replace('"', '\\"') + '"'


def markdown(text: str) -> str:
    """Escape what Markdown would read as markup (CommonMark: any punctuation can be)."""
    return MARKDOWN.sub(lambda found: "\\" + found[0], text)


def dockerfile(text: str) -> str:
    """Write what stands between double quotes in a Dockerfile."""
    return re.sub(r'([\\"$])', r"\\\1", text)


def title_of(folder: str) -> str:
    """Derive a name from the folder's, or give the default where that would be refused."""
    title = re.sub(r"[-_\s]+", " ", folder).strip().title()
    return DEFAULT_TITLE if refuse_line(title, 80) else title


class Text(ContextHook):
    """Gives templates the filters above, and `folder_title` for the first question's default."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        refusing = (refuse_line, refuse_slug, refuse_email)
        for function in (slug, *refusing, toml, python, markdown, dockerfile):
            environment.filters[function.__name__] = function

    def hook(self, context: MutableMapping[str, Any]) -> None:
        context["folder_title"] = title_of(str(context.get("_folder_name", "")))

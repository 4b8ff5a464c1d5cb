"""Writes what `drydock --help` says for the documentation."""

import re

import typer
from typer.cli import get_docs_for_click

from drydock.cli import app

EXAMPLES = re.compile(r"\[bold\]Examples\[/bold\]\n+(.*?)\n\n(?=\n|\*\*|\Z)", re.DOTALL)
# The commands once more, with the beginning of their first sentence.
LISTED = re.compile(r"\*\*Commands\*\*:\n\n(\* .*\n)+\n")


def reference() -> str:
    """Write the section of each command."""
    command = typer.main.get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="drydock", indent=1)
    return LISTED.sub("", EXAMPLES.sub(as_script, text)).strip() + "\n"


def as_script(found: re.Match[str]) -> str:
    """Write examples as a shell has them, what they are for as remarks."""
    script = re.sub(r"\[dim\](.*?)\[/dim\]", r"# \1", found[1]).strip()
    return f"**Examples**:\n\n```sh\n{script}\n```\n\n"

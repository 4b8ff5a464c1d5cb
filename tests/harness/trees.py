"""What can be said of a rendered tree without installing it."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from tests.harness.variants import files_of

# GitHub writes its expressions as `${{ … }}`, Prometheus what an alert says as `{{ $… }}`.
TRACE = re.compile(r"(?<!\$)\{\{(?! \$)|\{%|\{#|\bjinja\b|copier|drydock", re.IGNORECASE)
# Where a tree may speak of what made it, and why.
MAY_NAME_ITS_MAKER = {
    ".copier-answers.yml": "the file that `copier update` reads",
    "README.md": "only in a section on updating: how to bring the service up to date",
    "AGENTS.md": "only in a section on updating: what not to edit by hand",
    "docs/ci.md": "only in a section on updating: what proposes releases of the template",
    "renovate.json": "only where a manager of Renovate is called so",
}
MANAGER = '"matchManagers": ["copier"]'


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def without_updating(markdown: str) -> str:
    """Drop the sections whose heading speaks of updating."""
    return re.sub(
        r"^(#{2,}) [^\n]*updat.*?(?=^#{1,2} |\Z)",
        "",
        markdown,
        flags=re.MULTILINE | re.DOTALL | re.IGNORECASE,
    )


def traces(tree: Path) -> list[str]:
    """Find what shows that a template was there: in a name, or in a line."""
    found = []
    for path in files_of(tree):
        name = path.relative_to(tree).as_posix()
        if name == ".copier-answers.yml":
            continue
        text = read(path)
        if name in MAY_NAME_ITS_MAKER:
            text = without_updating(text).replace(MANAGER, "")
        found += [f"{name}: {line.strip()}" for line in text.splitlines() if TRACE.search(line)]
        if TRACE.search(name):
            found.append(f"{name}: its name")
    return found


def unparsable(tree: Path) -> list[str]:
    """Find files that their own parser refuses."""
    found = []
    for path in files_of(tree):
        text = read(path)
        try:
            match path.suffix:
                case ".toml":
                    tomllib.loads(text)
                case ".yml" | ".yaml":
                    list(yaml.safe_load_all(text))
                case ".json":
                    json.loads(text)
                case ".py":
                    compile(text, path.name, "exec")
        except (ValueError, SyntaxError, yaml.YAMLError) as error:
            found.append(f"{path.relative_to(tree)}: {error}")
    return found


def badly_made(tree: Path) -> list[str]:
    """Find empty files, folders without one, wrong executable bits, and untidy ends of text."""
    found = []
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree)
        if path.is_dir():
            if not any(path.iterdir()):
                found.append(f"{name}: an empty folder")
            continue
        text = read(path)
        if not text.strip():
            found.append(f"{name}: empty")
        elif not text.endswith("\n") or text.endswith("\n\n"):
            found.append(f"{name}: must end with one line break")
        found += [
            f"{name}:{number}: trailing space"
            for number, line in enumerate(text.splitlines(), 1)
            if line != line.rstrip()
        ]
        if os.name != "nt" and bool(path.stat().st_mode & 0o111) != text.startswith("#!"):
            found.append(f"{name}: executable exactly where it begins with #!")
    return found


def refused_by_ruff(tree: Path) -> str:
    """Ask ruff, with the tree's own configuration, whether it would change or refuse anything."""
    said = ""
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=tree,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said += done.stdout + done.stderr
    return said


def constants(path: Path) -> dict[str, object]:
    """Read the constants of a Python module as Python reads them."""
    return {
        target.id: ast.literal_eval(node.value)
        for node in ast.parse(read(path)).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def shown(markdown: str) -> list[tuple[str, str]]:
    """Give the blocks of a Markdown text as a reader sees them: (kind, text)."""
    tokens = MarkdownIt().parse(markdown)
    return [
        (before.tag, "".join(part.content for part in token.children or []))
        for before, token in pairwise(tokens)
        if token.type == "inline"
    ]

"""Whether what runs in production has vulnerabilities that are known.

pip-audit looks them up, in an environment of its own. It ends with 0 where it could not look a
package up, so its exit code is no verdict: its answer is read.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from pydantic import BaseModel, ValidationError

from app.cli.program import ProgramError, call, output_of, reason

PIP_AUDIT = "pip-audit>=2.10,<3"
EXPORT = ("export", "--frozen", "--no-default-groups", "--no-emit-project", "--no-hashes")
QUIET = ("--no-header", "--no-annotate", "--quiet")
# A package of an index, and what it depends on: `uvloop==0.23.0 ; sys_platform != 'win32'`.
PINNED = re.compile(r"([\w.-]+)==\S+( ;.*)?")


class Vulnerability(BaseModel):
    id: str
    aliases: list[str] = []
    fix_versions: list[str]


class Package(BaseModel):
    name: str
    version: str = ""
    skip_reason: str | None = None
    vulns: list[Vulnerability] = []


class Answer(BaseModel):
    """What pip-audit prints as JSON, as far as it is read here."""

    dependencies: list[Package]


# What is wrong, and each name by which pyproject.toml may say that it does not matter.
Finding = tuple[str, set[str]]


def audit() -> None:
    """Look up known vulnerabilities of what production installs, as uv.lock names it.

    Exit code 1 where there is one, or a package could not be looked up; 2 where none could be.
    """
    lines = locked()
    wrong = list(heeded(findings(asked(lines), lines), ignored()))
    for line in wrong:
        typer.echo(line)
    if wrong:
        raise typer.Exit(1)
    typer.echo(f"{len(lines)} packages, no known vulnerability.")


def locked() -> list[str]:
    """Give a line for each package of uv.lock that production installs.

    Raises:
        ProgramError: where there is no uv.lock.
    """
    if not Path("uv.lock").exists():
        raise ProgramError("There is no uv.lock here: `make install` writes it.")
    lines = output_of("uv", *EXPORT, *QUIET).splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def asked(lines: list[str]) -> Answer:
    """Ask pip-audit.

    Raises:
        ProgramError: where it does not answer: it is not there, or its database is not.
    """
    with TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("\n".join(filter(PINNED.fullmatch, lines)), encoding="utf-8")
        tool = ("tool", "run", "--python", sys.executable, "--from", PIP_AUDIT, "pip-audit")
        how = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--requirement")
        form = ("--format", "json", "--aliases", "on", "--desc", "off")
        done = call("uv", *tool, *form, *how, str(requirements))
    return read(done.stdout, done.stderr)


def read(printed: str, said: str) -> Answer:
    """Read the answer of pip-audit.

    Raises:
        ProgramError: where it is none, with the reason that it gave.
    """
    try:
        return Answer.model_validate_json(printed)
    except ValidationError:
        raise ProgramError(f"Nothing was audited: {reason(said)}") from None


def findings(answer: Answer, lines: list[str]) -> Iterator[Finding]:
    """Give what is wrong with the packages of uv.lock; one without an answer is not audited."""
    for package in answer.dependencies:
        if package.skip_reason is not None:
            yield f"{package.name}: not audited: {package.skip_reason}", {package.name}
        for found in package.vulns:
            others = f" ({', '.join(found.aliases)})" if found.aliases else ""
            fixed = f"fixed in {', '.join(found.fix_versions)}" if found.fix_versions else "no fix"
            text = f"{package.name} {package.version}: {found.id}{others}, {fixed}"
            yield text, {found.id, *found.aliases}
    answered = {package.name for package in answer.dependencies}
    for line in lines:
        pin = PINNED.fullmatch(line)
        name = pin[1] if pin else line.split(" @ ")[0]
        if pin is None:
            yield f"{name}: not audited: it comes from no index", {name}
        elif name not in answered and pin[2] is None:
            yield f"{name}: not audited: pip-audit left it out", {name}


def ignored() -> dict[str, str]:
    """Give what pyproject.toml ignores, and why: the table `tool.audit.ignore`."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    table: dict[str, str] = project.get("tool", {}).get("audit", {}).get("ignore", {})
    return table


def heeded(found: Iterator[Finding], ignored: Mapping[str, str]) -> Iterator[str]:
    """Leave out what is ignored with a reason; what is ignored in vain is wrong too."""
    used = set()
    for text, names in found:
        reasons = {name for name in names if ignored.get(name)}
        used |= reasons
        if not reasons:
            yield text
    for name in sorted(ignored.keys() - used):
        yield f"{name}: ignored in pyproject.toml, in vain or without a reason"

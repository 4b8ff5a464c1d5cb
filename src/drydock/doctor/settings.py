"""The settings of a service as its commands find them: the environment, `.env`, secret files."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from drydock.doctor.finding import Finding, failed, ok, warning
from drydock.update.checks import settings_in

LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
EXAMPLE = re.compile(r"^# (\w+)=(.*)$", re.MULTILINE)
# A name that is so much like a setting is a slip.
ALIKE = 0.85


@dataclass(frozen=True)
class Settings:
    """What is set, and what `.env.example` says of it; `has_file` tells whether there is a `.env`.

    `needed` are those that have a value in no example, `examples` those of the ones that have.
    """

    values: Mapping[str, str]
    known: frozenset[str]
    needed: frozenset[str]
    examples: Mapping[str, str]
    has_file: bool
    written: frozenset[str]

    @property
    def is_development(self) -> bool:
        """Tell whether servers are found and started."""
        return self.values.get("ENVIRONMENT") == "development"


def read(folder: Path) -> Settings | None:
    """Read the settings of a service; None where it has no `.env.example`."""
    example, file = folder / ".env.example", folder / ".env"
    if not example.is_file():
        return None
    content = example.read_bytes()
    text = content.decode(errors="replace")
    is_there = file.is_file()
    written = values_in(file.read_bytes().decode(errors="replace")) if is_there else {}
    return Settings(
        values=mounted() | written | {name: value for name, value in os.environ.items() if value},
        known=frozenset(settings_in(content)),
        needed=frozenset(name for name, value in values_in(text).items() if not value),
        examples={found[1]: found[2] for found in EXAMPLE.finditer(text)},
        has_file=is_there,
        written=frozenset(written),
    )


def mounted() -> dict[str, str]:
    """Read the secrets that a container platform mounts, a file for each."""
    folder = Path(os.environ.get("SECRETS_DIR", "/run/secrets"))
    try:
        files = [file for file in folder.iterdir() if file.is_file()]
        return {file.name.upper(): file.read_text(encoding="utf-8").strip() for file in files}
    except (OSError, UnicodeDecodeError):
        return {}


def values_in(text: str) -> dict[str, str]:
    """Read the lines of a `.env`, without quotes."""
    return {found[1]: found[2].strip("'\"") for found in LINE.finditer(text)}


def settings(found: Settings) -> Iterator[Finding]:
    """Look at `.env`, where a service has one."""
    if not found.has_file:
        if found.values.get("ENVIRONMENT"):
            yield ok(".env", "there is none: the environment has the settings")
        else:
            says = "there is none, so no server was asked; `make dev` writes it too"
            yield warning(".env", says, "uv run app env")
        return
    slips = [
        f"{name} is no setting: did you mean {near[0]}?"
        for name in sorted(found.written - found.known)
        if (near := get_close_matches(name, found.known, n=1, cutoff=ALIKE))
    ]
    empty = sorted(name for name in found.needed if not found.values.get(name))
    if empty:
        yield failed(".env", f"{', '.join(empty)}: must have a value", "uv run app env")
    if slips:
        yield warning(".env", " ".join(slips), "$EDITOR .env")
    if not empty and not slips:
        yield ok(".env", f"for {found.values.get('ENVIRONMENT', 'production')}")

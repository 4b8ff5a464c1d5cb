import re
import secrets
from pathlib import Path

import typer

EXAMPLE = Path(".env.example")
TARGET = Path(".env")
# A key without a value, which must be a secret: what is not secret has a default.
EMPTY = re.compile(r"^(\w+)=$", re.MULTILINE)


def env() -> None:
    """Write `.env` for development, with fresh secrets; an existing one gets those it lacks."""
    example = EXAMPLE.read_text(encoding="utf-8")
    if TARGET.exists():
        add_missing_secrets(EMPTY.findall(example))
        return
    TARGET.touch(mode=0o600)
    TARGET.write_text(EMPTY.sub(fresh, example), encoding="utf-8")
    typer.echo("Wrote .env for development; Git ignores it.")


def add_missing_secrets(keys: list[str]) -> None:
    """Fill in what has no value; what has one stays."""
    text = TARGET.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        text += "\n"
    has_value = r"^[ \t]*(export[ \t]+)?{}[ \t]*=[ \t]*\S"
    missing = [key for key in keys if not re.search(has_value.format(key), text, re.MULTILINE)]
    for key in missing:
        text = re.sub(rf"^{key}=[ \t]*\n", "", text, flags=re.MULTILINE)
        text += f"{key}={secret()}\n"
    if missing:
        TARGET.write_text(text, encoding="utf-8")
        typer.echo(f"Added to .env: {', '.join(missing)}.")


def fresh(key: re.Match[str]) -> str:
    return f"{key[1]}={secret()}"


def secret() -> str:
    return secrets.token_urlsafe(48)  # 384 random bits

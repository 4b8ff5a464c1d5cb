import re
import secrets
from pathlib import Path

import typer

EXAMPLE = Path(".env.example")
TARGET = Path(".env")
# A key without a value, which must be a secret: what is not secret has a default.
EMPTY = re.compile(r"^(\w+)=$", re.MULTILINE)


def env() -> None:
    """Write `.env` for development, with fresh secrets; an existing one is left as it is."""
    if TARGET.exists():
        return
    TARGET.touch(mode=0o600)
    example = EXAMPLE.read_text(encoding="utf-8")
    # 48 bytes are 384 random bits.
    text = EMPTY.sub(lambda key: f"{key[1]}={secrets.token_urlsafe(48)}", example)
    TARGET.write_text(text, encoding="utf-8")
    typer.echo("Wrote .env for development; Git ignores it.")

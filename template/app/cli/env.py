import secrets
from pathlib import Path

import typer

EXAMPLE = Path(".env.example")
TARGET = Path(".env")
# A key that ends in SECRET_KEY and has no value gets a fresh one of 384 random bits.
EMPTY_SECRET = "SECRET_KEY=\n"  # noqa: S105, empty indeed


def env() -> None:
    """Write `.env` for development, with fresh secrets; an existing one is left as it is."""
    if TARGET.exists():
        return
    TARGET.touch(mode=0o600)
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace(EMPTY_SECRET, f"SECRET_KEY={secrets.token_urlsafe(48)}\n")
    TARGET.write_text(text, encoding="utf-8")
    typer.echo("Wrote .env for development; Git ignores it.")

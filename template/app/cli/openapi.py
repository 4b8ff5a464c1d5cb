import json
from typing import Any

import typer


def openapi() -> None:
    """Print the OpenAPI document."""
    typer.echo(json.dumps(document(), indent=2, ensure_ascii=False))


def document() -> dict[str, Any]:
    """Build the OpenAPI document; it is the same for any settings, so it needs none."""
    from app.core.settings import Settings
    from app.main import create_app

    return create_app(Settings.model_construct()).openapi()

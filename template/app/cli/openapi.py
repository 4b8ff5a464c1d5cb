import json

import typer


def openapi() -> None:
    """Print the OpenAPI document."""
    from app.core.settings import Settings
    from app.main import create_app

    # It is the same for any settings: so it can be printed where none are.
    document = create_app(Settings.model_construct()).openapi()
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))

from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1)] = 1,
) -> None:
    """Serve requests until SIGTERM or Ctrl-C; requests that are open then may finish."""
    import uvicorn

    from app.core.settings import Settings
    from app.core.settings.base import load

    load(Settings)  # so that a mistake is one sentence, not a traceback of the server
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        timeout_graceful_shutdown=8,
    )

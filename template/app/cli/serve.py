from contextlib import suppress
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on.", envvar="PORT", min=0, max=65535)
    ] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1)] = 1,
) -> None:
    """Serve requests until SIGTERM or Ctrl-C; requests that are open then may finish."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from app.core.http.server import Server
    from app.core.observability.logs import configure_logs
    from app.core.settings import Settings
    from app.core.settings.base import load

    settings = load(Settings)  # so that a mistake is one sentence, not a traceback of the server
    configure_logs(settings)
    config = uvicorn.Config(
        "app.asgi:app",
        host=host,
        port=port,
        workers=workers,
        proxy_headers=False,  # the application asks TRUSTED_PROXIES
        timeout_graceful_shutdown=settings.server_grace,
        log_config=None,
        access_log=False,  # the application writes a line for each request
    )
    with suppress(KeyboardInterrupt):
        if workers > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
        else:
            Server(config).run()

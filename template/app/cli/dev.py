import socket
from typing import Annotated

import typer

HOST = "127.0.0.1"
FIRST_PORT = 8000


def dev(
    port: Annotated[int, typer.Option(help="Port; without it the first free one.")] = 0,
) -> None:
    """Serve for development: database started and up to date, code reloaded when it changes."""
    import uvicorn

    from app.cli.env import env
    from app.core.db import migrations
    from app.core.db.local import local_database
    from app.core.settings import Settings
    from app.core.settings.base import load

    if port and not is_free(port):
        raise typer.BadParameter(f"Port {port} is in use. Choose another: make dev PORT=…")
    env()
    with local_database():
        load(Settings)
        migrations.upgrade()
        chosen = port or first_free_port()
        typer.echo(f"API docs: http://{HOST}:{chosen}/docs    Ctrl-C stops the service.")
        uvicorn.run(
            "app.main:create_app",
            factory=True,
            host=HOST,
            port=chosen,
            reload=True,
            reload_dirs=["app"],
        )


def first_free_port() -> int:
    return next(port for port in range(FIRST_PORT, 65536) if is_free(port))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server does it: a port whose last connection just ended counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True

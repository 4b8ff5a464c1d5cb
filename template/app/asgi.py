"""For servers that want an application and not a factory: `app.asgi:app`."""

from app.main import create_app

app = create_app()

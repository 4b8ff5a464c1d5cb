"""For servers that want an application and not a factory: `app.asgi:app`. It writes a log."""

from app.core.observability.process import observe
from app.core.settings import Settings
from app.core.settings.base import load
from app.main import create_app

settings = load(Settings)
observe(settings)
app = create_app(settings)

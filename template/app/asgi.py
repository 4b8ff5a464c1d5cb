"""For servers that want an application and not a factory: `app.asgi:app`. It writes a log."""

import gc

from app.core.observability.process import observe
from app.core.settings import Settings
from app.core.settings.base import load
from app.main import create_app

settings = load(Settings)
observe(settings)
app = create_app(settings)
# What is loaded stays until the end: whoever collects garbage need not look at it each time, while
# every request waits.
gc.freeze()

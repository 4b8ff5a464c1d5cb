"""The address of a developer's broker, for a process that has none."""

import os
from collections.abc import Generator
from contextlib import contextmanager

from app.core.settings.base import SettingsGroup, load
from app.worker.development import found_or_started


class Configured(SettingsGroup):
    broker_url: str = ""
    environment: str = "production"


@contextmanager
def local_broker() -> Generator[None]:
    """Set BROKER_URL for this process, where it is not set and this is development."""
    configured = load(Configured)
    if configured.broker_url or configured.environment != "development":
        yield
        return
    with found_or_started() as url:
        os.environ["BROKER_URL"] = url
        try:
            yield
        finally:
            del os.environ["BROKER_URL"]

"""Telemetry of a process from its start to its end; one that forks starts it in its children."""

import logging
import sys
import time
from threading import Thread

from app.core.db.session import Database
from app.core.settings import Settings
from app.core.telemetry.pool import measure_pool
from app.core.telemetry.statements import trace_statements

logger = logging.getLogger(__name__)

FLUSH = 2.0  # seconds
PROVIDERS = "app.core.telemetry.providers"


def start_telemetry(settings: Settings, name: str, database: Database) -> None:
    """Trace and measure this process as the service `name`, unless OTEL_SERVICE_NAME names it."""
    if not settings.sends_telemetry:
        logger.info("No telemetry: no variable OTEL_… names a way that it could take")
        return
    # Only here: who sends nothing need not load it.
    from app.core.telemetry.providers import set_providers

    set_providers(settings, name)
    trace_statements(database.engine.sync_engine)
    measure_pool(database, settings.max_sessions)


def stop_telemetry() -> None:
    """Send what is still to be sent, for 2 seconds at most."""
    if PROVIDERS not in sys.modules:
        return
    from app.core.telemetry.providers import started

    # Each waits for a collector by itself, and longer than a process that ends may wait.
    ending = [Thread(target=provider.shutdown, daemon=True) for provider in started]
    started.clear()
    for thread in ending:
        thread.start()
    deadline = time.monotonic() + FLUSH
    for thread in ending:
        thread.join(max(0.0, deadline - time.monotonic()))

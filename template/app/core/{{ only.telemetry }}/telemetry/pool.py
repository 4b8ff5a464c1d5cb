"""How many connections are in use, and how many requests wait for one."""

from collections.abc import Iterable
from typing import cast

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation
from sqlalchemy import QueuePool

from app.core import about
from app.core.db.session import Database
from app.core.telemetry.places import Places

POOL = {"db.client.connection.pool.name": "main"}


def measure_pool(database: Database, max_sessions: int) -> None:
    """Measure a database that serves nobody yet."""
    database.places = places = Places(max_sessions)

    def pool() -> QueuePool:
        return cast("QueuePool", database.engine.pool)  # another one after each `dispose`

    def connections(_: CallbackOptions) -> Iterable[Observation]:
        for state, number in (("used", pool().checkedout()), ("idle", pool().checkedin())):
            yield Observation(number, {**POOL, "db.client.connection.state": state})

    meter = metrics.get_meter(about.NAME)
    meter.create_observable_up_down_counter(
        "db.client.connection.count", [connections], "{connection}", "Connections, by state."
    )
    meter.create_observable_up_down_counter(
        "db.client.connection.max",
        [lambda _: [Observation(pool().size(), POOL)]],
        "{connection}",
        "Connections at most.",
    )
    meter.create_observable_up_down_counter(
        "db.client.connection.pending_requests",
        [lambda _: [Observation(places.waiting, POOL)]],
        "{request}",
        "Requests that wait for a session.",
    )

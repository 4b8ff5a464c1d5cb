from typing import Any

from opentelemetry import trace
from structlog.typing import EventDict


def add_trace_ids(_: Any, __: str, line: EventDict) -> EventDict:
    """Say which trace, and which part of it, a line belongs to (W3C Trace Context)."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return line
    return {
        **line,
        "trace_id": trace.format_trace_id(span.trace_id),
        "span_id": trace.format_span_id(span.span_id),
    }

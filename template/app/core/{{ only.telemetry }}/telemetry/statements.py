"""A span for each statement of SQL, with its text as it is sent: values are not in it."""

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from app.core import about

SPAN = "span"

tracer = trace.get_tracer(about.NAME)


def trace_statements(engine: Engine) -> None:
    """Trace what an engine executes for a request or a job that is traced."""
    url = engine.url
    known = {
        "db.system.name": engine.dialect.name,
        "db.namespace": url.database,
        "server.address": url.host,
        "server.port": url.port,
    }
    common = {name: value for name, value in known.items() if value is not None}

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Connection, _: Any, statement: str, *__: Any) -> None:
        if not trace.get_current_span().is_recording():
            return
        operation = (statement.split(maxsplit=1) or [""])[0].upper()
        connection.info[SPAN] = tracer.start_span(
            operation or engine.dialect.name,
            kind=SpanKind.CLIENT,
            attributes={**common, "db.operation.name": operation, "db.query.text": statement},
        )

    @event.listens_for(engine, "after_cursor_execute")
    def end(connection: Connection, *_: Any) -> None:
        if span := connection.info.pop(SPAN, None):
            span.end()

    @event.listens_for(engine, "handle_error")
    def fail(context: ExceptionContext) -> None:
        connection = context.connection
        # A connection that was lost has no `info` any more.
        if connection is None or connection.invalidated:
            return
        if span := connection.info.pop(SPAN, None):
            error = context.original_exception
            # SQLSTATE where there is one. Never the text: it may be the row.
            state = getattr(error, "sqlstate", None)
            span.set_attribute("error.type", state or type(error).__name__)
            span.set_status(StatusCode.ERROR)
            span.end()

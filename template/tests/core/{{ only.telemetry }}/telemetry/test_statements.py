from collections.abc import AsyncGenerator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.db.engine import create_engine
from app.core.telemetry import statements

SPANS = InMemorySpanExporter()


@pytest.fixture
async def traced(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[AsyncEngine]:
    """Give an engine whose statements are traced, in this test alone."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(SPANS))
    monkeypatch.setattr(statements, "tracer", provider.get_tracer("tests"))
    engine = create_engine(database_url, pool_size=1)
    statements.trace_statements(engine.sync_engine)
    yield engine
    await engine.dispose()
    SPANS.clear()


def of_selects() -> list[ReadableSpan]:
    return [span for span in SPANS.get_finished_spans() if span.name == "SELECT"]


async def test_a_statement_is_a_span_with_its_text_and_without_its_values(
    traced: AsyncEngine,
) -> None:
    with statements.tracer.start_as_current_span("request") as request:
        async with traced.connect() as connection:
            await connection.execute(select(literal("swordfish")))
    (span,) = of_selects()
    assert span.parent is not None
    assert span.parent.span_id == request.get_span_context().span_id
    said = dict(span.attributes or {})
    assert said["db.system.name"] == traced.dialect.name
    assert "SELECT" in str(said["db.query.text"])
    assert "swordfish" not in str(said)


async def test_a_statement_that_fails_says_how_and_not_with_what(traced: AsyncEngine) -> None:
    with statements.tracer.start_as_current_span("request"):
        async with traced.connect() as connection:
            with pytest.raises(DBAPIError):
                await connection.execute(text("SELECT * FROM nowhere"))
    (span,) = of_selects()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, None)
    assert (span.attributes or {})["error.type"]
    assert span.events == ()


async def test_without_a_trace_there_is_none(traced: AsyncEngine) -> None:
    async with traced.connect() as connection:
        await connection.execute(select(literal(1)))
    assert of_selects() == []

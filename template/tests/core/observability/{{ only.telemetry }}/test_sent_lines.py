import json
import logging

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadWriteLogRecord

from app.core.observability import sent_lines
from app.core.observability.redaction import REDACTED
from app.core.settings import Settings
from tests.core.log_lines import log_lines

logger = logging.getLogger("app.tests")


class Kept(LogRecordProcessor):
    def __init__(self) -> None:
        self.records: list[LogRecord] = []

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        self.records.append(log_record.log_record)

    def shutdown(self) -> None: ...

    def force_flush(self, timeout_millis: int = 30000) -> bool:  # noqa: ARG002, so it is called
        return True


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[LogRecord]:
    kept, provider = Kept(), LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(kept)
    monkeypatch.setattr(sent_lines, "lines", provider.get_logger("tests"))
    return kept.records


def test_a_line_is_sent_as_it_was_redacted(sent: list[LogRecord], settings: Settings) -> None:
    fields = {"order_id": 7, "card": {"password": "swordfish"}, "at": object}
    with log_lines(settings) as written:
        logger.warning("Shipped to %s", "Kiel", extra=fields)
    (line,), (record,) = written, sent
    attributes = dict(record.attributes or {})
    assert (record.body, record.severity_number) == ("Shipped to Kiel", SeverityNumber.WARN)
    assert attributes["order_id"] == 7
    assert json.loads(str(attributes["card"])) == {"password": REDACTED}
    assert attributes["at"] == f'"{object!r}"'
    # The rest has a place of its own.
    assert line.keys() - attributes.keys() == {"event", "level", "timestamp"}


def test_an_exception_is_sent_with_its_traceback(sent: list[LogRecord], settings: Settings) -> None:
    with log_lines(settings):
        try:
            raise LookupError("no such port")
        except LookupError:
            logger.exception("It did not arrive")
    (record,) = sent
    assert record.severity_number is SeverityNumber.ERROR
    assert "LookupError: no such port" in str((record.attributes or {})["exception"])


def test_who_sends_is_not_sent(sent: list[LogRecord], settings: Settings) -> None:
    with log_lines(settings) as written:
        logging.getLogger("urllib3.connectionpool").warning("Sent a batch")
        logging.getLogger("opentelemetry.exporter").warning("Sent a batch")
    assert len(written) == 2
    assert sent == []

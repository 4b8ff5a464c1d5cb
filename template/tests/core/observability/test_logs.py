import logging
from collections.abc import Generator

import pytest
import structlog

from app.core.db.engine import engine_of
from app.core.observability.logs import NAME, configure_logs, formatter_of
from app.core.observability.subject import about, tell
from app.core.settings import Settings
from app.core.settings.log import LogSettings
from app.core.settings.server import Environment
from tests.core.log_lines import Line, log_lines, taken_back

logger = logging.getLogger("app.tests")


@pytest.fixture
def lines(settings: Settings) -> Generator[list[Line]]:
    with log_lines(settings) as lines:
        yield lines


@pytest.fixture
def configured(settings: Settings) -> None:
    """Configure the log as a process does."""
    configure_logs(settings)


def test_a_line_is_an_object_with_its_time_level_logger_and_fields(lines: list[Line]) -> None:
    logger.warning("Shipped %s", "two", extra={"order": 7})
    (line,) = lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "Shipped two", "level": "warning", "logger": "app.tests", "order": 7}


def test_a_line_of_several_lines_stays_one(lines: list[Line], settings: Settings) -> None:
    logger.info("one\n{}\ntwo")
    assert lines[0]["event"] == "one\n{}\ntwo"
    record = logging.makeLogRecord({"msg": "one\ntwo", "levelname": "INFO"})
    staging = settings.model_copy(update={"environment": Environment.STAGING})
    assert "\n" not in formatter_of(staging).format(record)


def test_people_read_no_json(settings: Settings) -> None:
    record = logging.makeLogRecord({"msg": "Shipped", "levelname": "INFO", "name": "app.tests"})
    text = formatter_of(settings).format(record)
    assert "Shipped" in text
    assert "{" not in text


def test_an_error_has_its_traceback_and_no_values_of_variables(lines: list[Line]) -> None:
    def fail() -> None:
        note = "what nobody may read"
        raise LookupError(len(note))

    try:
        fail()
    except LookupError:
        logger.exception("Failed")
    assert "Traceback" in lines[0]["exception"]
    assert "LookupError: 20" in lines[0]["exception"]
    assert "nobody may read" not in str(lines)


def test_lines_say_what_they_are_about_until_it_has_ended(lines: list[Line]) -> None:
    with about(request_id="one"):
        tell(user_id="ada")
        logger.info("within")
        with about(task="tests.probe"):
            logger.info("deeper")
    logger.info("after")
    within, deeper, after = lines
    assert (within["request_id"], within["user_id"]) == ("one", "ada")
    assert (deeper["request_id"], deeper["task"]) == ("one", "tests.probe")
    assert not {"request_id", "user_id", "task"} & set(after)


@pytest.mark.usefixtures("configured")
def test_structlogs_own_loggers_write_the_same_lines(lines: list[Line]) -> None:
    with about(request_id="one"):
        structlog.get_logger("app.tests").info("Shipped %s", "two", order=7, password="x")
    (line,) = lines
    assert (line["event"], line["order"], line["request_id"]) == ("Shipped two", 7, "one")
    assert (line["logger"], line["level"]) == ("app.tests", "info")
    assert line["password"] == "[redacted]"


@pytest.mark.usefixtures("configured")
def test_the_server_writes_through_the_same_pipe_and_no_lines_of_requests(
    settings: Settings,
) -> None:
    configure_logs(settings)  # twice is once
    ours = [each for each in logging.getLogger().handlers if each.get_name() == NAME]
    assert len(ours) == 1
    for name in ("uvicorn", "uvicorn.error"):
        assert logging.getLogger(name).propagate
        assert logging.getLogger(name).handlers == []
    assert not logging.getLogger("uvicorn.access").hasHandlers()


@pytest.mark.usefixtures("configured")
def test_a_statement_is_written_once(settings: Settings) -> None:
    engine_of(settings.model_copy(update={"debug": True}), 1)
    handlers = logging.getLogger("sqlalchemy.engine.Engine").handlers
    assert [type(handler) for handler in handlers] == [logging.NullHandler]


def test_what_a_process_configures_is_taken_back_after_a_test(settings: Settings) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    with taken_back():
        configure_logs(settings)
        assert (root.level, root.handlers) != before
    assert (root.level, root.handlers) == before


@pytest.mark.parametrize(("said", "level"), [("WARNING", logging.WARNING), ("debug", 10)])
def test_the_level_is_a_setting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, said: str, level: int
) -> None:
    monkeypatch.setenv("LOG_LEVEL", said)
    configure_logs(LogSettings(environment=settings.environment))
    assert logging.getLogger().level == level

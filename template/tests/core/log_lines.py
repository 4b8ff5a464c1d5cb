"""The lines that a service would write in production, as machines read them."""

import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import structlog

from app.core.observability.logs import NAME, formatter_of
from app.core.settings import Settings
from app.core.settings.server import Environment

Line = dict[str, Any]


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("httpx"):  # the client of the tests
            self.lines.append(json.loads(self.format(record)))


@contextmanager
def log_lines(settings: Settings, **changes: Any) -> Generator[list[Line]]:
    """Give the list that grows with each line, from `info` on."""
    changes = {"environment": Environment.PRODUCTION, **changes}
    kept, root = Kept(), logging.getLogger()
    kept.setFormatter(formatter_of(settings.model_copy(update=changes)))
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    try:
        yield kept.lines
    finally:
        root.setLevel(level)
        root.removeHandler(kept)


@contextmanager
def taken_back() -> Generator[None]:
    """Take back what `configure_logs` does to this process meanwhile, as commands ask it to."""
    root, captured = logging.getLogger(), logging.getLogger("py.warnings")
    level, handlers = root.level, list(captured.handlers)
    yield
    ours = [handler for handler in root.handlers if handler.get_name() == NAME]
    for handler in ours:
        root.removeHandler(handler)
    if ours:
        root.setLevel(level)
        logging.captureWarnings(False)
        captured.handlers = handlers
        structlog.reset_defaults()

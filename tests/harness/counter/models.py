# mypy: ignore-errors
from app.core.models import Record


class Counter(Record, table=True):
    value: int = 0
    version: int = 0

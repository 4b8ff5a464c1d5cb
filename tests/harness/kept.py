"""What runs keep in .cache for later ones, as JSON."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def write(file: Path, record: "DataclassInstance") -> None:
    """Keep a record, in place of an earlier one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")


def read(file: Path, make: Callable[..., T]) -> T | None:
    """Make a record of the fields that are kept; nothing where none is.

    One of an earlier release of this, with other fields, or one that was not written to its end,
    is none.
    """
    try:
        return make(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError, ValueError):
        return None

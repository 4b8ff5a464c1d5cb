"""Results, kept from run to run in .cache/proof: a proof goes on where it stopped.

They are of variants, or of something else with a name of its own.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.harness import kept, servers
from tests.harness.paths import CACHE

FOLDER = CACHE / "proof"


@dataclass
class Record:
    """How one variant went: `tree` sums up what was rendered and the tests that judged it."""

    variant: str
    tree: str
    verdict: str = "failed"
    date: str = ""
    seconds: float = 0
    steps: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def file_of(variant: object, tree: str) -> Path:
    return FOLDER / f"{variant}-{tree[:16]}.json"


def read(variant: object, tree: str) -> Record | None:
    """Give the last result of a variant with this very tree and these tests, if it ran here."""
    return kept.read(file_of(variant, tree), Record)


def passed(variant: object, tree: str) -> Record | None:
    """Give the result of a variant that passed with the very same tree, versions and tests."""
    record = read(variant, tree)
    return record if record and record.verdict == "passed" else None


@contextmanager
def recorded(variant: object, tree: str, steps: Mapping[str, float]) -> Iterator[Record]:
    """Write down how the block went, unless it says nothing of the variant.

    That is so when the run was interrupted, and when it failed while a server was gone.
    """
    record = Record(str(variant), tree, steps=steps)
    begin = time.monotonic()
    try:
        yield record
        record.verdict = "passed"
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # pytest's own failures are no Exception
        if not servers.lost():
            write(variant, record, begin)
        raise
    write(variant, record, begin)


def write(variant: object, record: Record, begin: float) -> None:
    record.seconds = round(time.monotonic() - begin, 1)
    record.date = datetime.now(UTC).date().isoformat()
    kept.write(file_of(variant, record.tree), record)

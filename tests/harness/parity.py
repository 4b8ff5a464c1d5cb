"""What the same tests saw on each way of background work, kept in .cache/parity for the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.harness import kept, sums
from tests.harness.paths import CACHE, ROOT
from tests.harness.variants import Variant, files_of

FOLDER = CACHE / "parity"
# What decides how background work is done: a change elsewhere makes no result old.
DECIDES = ("app/worker", "app/cli", "app/core", "pyproject.toml")
JUDGES = ("tests/test_parity.py", "tests/harness/bench.py", "tests/harness/probe")
# Each is one word or two, as the tests call it, and what it means.
PROPERTIES = {
    "retries": "a task that fails is tried again, each time later, 3 times here, then set aside",
    "time limit": "a task that waits for too long is ended: it has failed",
    "transactions": "a job leaves with the commit",
    "messages that are refused": (
        "unknown fields, unknown tasks and what is too large, when enqueued and when they arrive"
    ),
    "a task that blocks": "a task stops its event loop for 9 s; its limit is 1 s",
    "shared work": "20 jobs of 0.3 s, two workers (`none`: two servers), two tasks at once each",
    "schedules": "a schedule of every 2 s, two workers (`none`: two servers)",
    "SIGTERM": "`WORKER_GRACE` is 3 s; a task of 2 s ends, one of 9 s cannot",
    "SIGKILL": "a worker and all its processes are killed in the middle of a task",
    "no broker answers": "a worker is started while `BROKER_URL` leads nowhere",
}


@dataclass(frozen=True)
class Seen:
    """A property: whether it held, and what was seen, with its figure."""

    verdict: str
    what: str


@dataclass
class Record:
    """How one backend went; `tree` sums up what was tested, and the tests that judged it."""

    backend: str
    tree: str
    date: str = ""
    seen: dict[str, Seen] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def failed(self) -> list[str]:
        """Name the properties that do not hold, or were not looked at."""
        return [
            name
            for name in PROPERTIES
            if name not in self.seen or self.seen[name].verdict != "held"
        ]

    def write(self) -> None:
        """Keep it until the next run."""
        self.date = datetime.now(UTC).date().isoformat()
        kept.write(FOLDER / f"{self.backend}.json", self)


def backend_of(variant: Variant) -> str:
    """Name the way of background work of a variant."""
    return "-".join(filter(None, (variant["tasks"], variant["celery_broker"])))


def answers_for(variant: Variant) -> dict[str, Any]:
    """Give the answers of the service that is tested: a variant's, and no feature but the probe."""
    return {"project_name": "Parity"} | variant.data() | {"auth": "none", "example": False}


def read(backend: str) -> Record | None:
    """Give the last result of a backend, if it ever ran here."""
    return kept.read(FOLDER / f"{backend}.json", restored)


def restored(seen: Mapping[str, Mapping[str, str]], **fields: Any) -> Record:
    """Make a record of what is kept of it."""
    return Record(**fields, seen={name: Seen(**each) for name, each in seen.items()})


def under(root: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Give the files that are named, and those in folders that are."""
    for name in names:
        found = files_of(root / name) if (root / name).is_dir() else [root / name]
        yield from (path for path in found if path.suffix != ".pyc")


def sum_of(tree: Path) -> str:
    """Sum up what decides in a rendered tree, and the tests: equal sums, equal results."""
    return sums.sum_of((tree, under(tree, DECIDES)), (ROOT, under(ROOT, JUDGES)))

"""Writes docs/reference/tasks.md from what tests/test_parity.py saw, and says what is missing.

A result counts only for the very worker that the template renders now, judged by the tests of now.

python -m tools.record_parity
"""

import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.harness import parity
from tests.harness.paths import ROOT, TEMPLATE
from tests.harness.variants import backend_variants, render, snapshot
from tools.record_proof import versions

PAGE = ROOT / "docs/reference/tasks.md"
HEAD = """# Background work

The same tests on each way of background work, with real workers and real brokers, and what they saw
last. Written by `make proof`; what reads `not run` has changed since it last was.

"""
DIFFERENCES = """
## Where they differ

- `none`: tasks run in the server that enqueued them, and nothing is kept elsewhere. What has not
  ended 5 s after SIGTERM is lost and named in the log; what a killed server had is lost and not
  named. What cannot be done is named in the log, and not kept for `app worker retry`.
- A task that blocks its event loop (a long computation, a library that is not async) cannot be
  ended from inside. Celery kills its process 5 s after the limit and sets the job aside; other jobs
  go on. With `arq` and `none` all that the process has in hand waits until the task returns, and
  no limit holds. Use `asyncio.to_thread`, or Celery.
- A killed worker tells nobody. RabbitMQ sees its connection close, and gives its jobs to another
  worker at once. Redis sees nothing, so time decides, and the longest of all tasks: ARQ waits for
  the longest time limit and 15 s more; Celery for the longest limit, the longest delay before a
  retry, and 15 to 25 s more. In the service of these figures that limit is {longest} s, that delay
  {delay:.0f} s; in yours the limit is at least the {built_in} s of `worker.prune_expired`.
- A job that is done again after its worker was killed counts one attempt more with ARQ, and none
  with Celery. A worker that is ended by SIGTERM gives its jobs back without counting, on each.
- A job that ends its own process each time (out of memory, a crash) is set aside when its attempts
  are used up. With Celery that is one process of several, another takes its place, and other jobs
  go on; with ARQ it is the whole worker, which whatever watches it has to start again; with `none`
  it is the server, and the job is lost. Where the whole of a Celery worker dies each time (by a
  limit on memory that ends a container at once), nobody is left to count, and the job comes again.
- A time limit has at most 15 minutes. RabbitMQ takes a job back that is not done after 30, and a
  worker may hold it for 12.5 minutes before an attempt begins: split what takes longer.
- No backend does a job exactly once where a worker is killed between the work and the receipt. Use
  `context.id` to do once what must not be done twice.
"""
# Of the probe: tests/harness/probe/tasks.py.
LONGEST_LIMIT, LONGEST_DELAY = 15, 0.5 * 2**3 * 1.25
PRUNE = TEMPLATE / "app/worker/prune.py"


def cell(text: str) -> str:
    """Write a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def found_in(record: parity.Record | None, name: str) -> str:
    """Write what was seen of a property on a backend."""
    if record is None or name not in record.seen:
        return "not run"
    seen = record.seen[name]
    return cell(seen.what if seen.verdict == "held" else f"FAILED: {seen.what}")


def table(found: Mapping[str, parity.Record | None]) -> str:
    """Write a row for each property, a column for each backend."""
    rows = [["", *(f"`{backend}`" for backend in found)], ["---"] * (len(found) + 1)]
    for name, what in parity.PROPERTIES.items():
        rows.append([f"{name}: {what}", *(found_in(record, name) for record in found.values())])
    rows.append(["date", *(record.date if record else "" for record in found.values())])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def page(found: Mapping[str, parity.Record | None]) -> str:
    """Write the page."""
    built_in = re.search(r"time_limit=(\d+)", PRUNE.read_text(encoding="utf-8"))
    assert built_in is not None
    differences = DIFFERENCES.format(
        longest=LONGEST_LIMIT, delay=LONGEST_DELAY, built_in=built_in[1]
    )
    records = [record for record in found.values() if record]
    return HEAD + table(found) + differences + versions(records)


def results() -> dict[str, parity.Record | None]:
    """Give for each backend its result on the worker of now."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        source = snapshot(Path(folder) / "template")
        for variant in backend_variants():
            backend = parity.backend_of(variant)
            tree = render(parity.answers_for(variant), Path(folder) / backend, source)
            record = parity.read(backend)
            found[backend] = record if record and record.tree == parity.sum_of(tree) else None
    return found


def main() -> None:
    """Write the page; a machine without a broker leaves backends open: that is said, no error."""
    found = results()
    PAGE.write_text(page(found), encoding="utf-8")
    if missing := [name for name, record in found.items() if record is None or record.failed()]:
        print(f"no parity shown: {', '.join(missing)}", file=sys.stderr)


if __name__ == "__main__":
    main()

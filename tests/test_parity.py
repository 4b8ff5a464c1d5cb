"""Background work keeps the same promises on every backend; where one cannot, that is asserted too.

One service a backend, with the probe of `harness/probe` in it, real workers and real brokers.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, nullcontext
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from tests.harness import parity
from tests.harness.bench import (
    GRACE,
    Bench,
    Member,
    add_probe,
    bench,
    eventually,
    redis_at,
)
from tests.harness.groups import kill_group
from tests.harness.process import Server
from tests.harness.servers import redis
from tests.harness.servers.private import free_port
from tests.harness.service import Service
from tests.harness.variants import Variant, backend_variants, render
from tools import record_parity

# Seconds between ticks of the probe's schedule, and how long a job of a killed worker may wait.
TICK = 2.0
LOST_FOR = 120.0


class Findings:
    """What was seen of each property; one that fails does not keep the next from being seen."""

    def __init__(self, record: parity.Record) -> None:
        self.record = record
        self.failures: list[Exception] = []

    def look(self, name: str, see: Callable[[], str]) -> None:
        begin = time.monotonic()
        try:
            self.record.seen[name] = parity.Seen("held", see())
        except Exception as error:
            error.add_note(f"(property: {name})")
            self.record.seen[name] = parity.Seen("failed", str(error).partition("\n")[0][:200])
            self.failures.append(error)
        print(f"{name}: {time.monotonic() - begin:.1f} s, {self.record.seen[name]}")

    def look_at_once(self, properties: Mapping[str, Callable[[], str]]) -> None:
        """Look at properties together that wait more than they work."""
        with ThreadPoolExecutor(len(properties)) as pool:
            list(pool.map(self.look, properties, properties.values()))


def test_parity(backend_variant: Variant, template: Path, tmp_path: Path) -> None:
    path = render(parity.answers_for(backend_variant), tmp_path / "service", template)
    record = parity.Record(parity.backend_of(backend_variant), parity.sum_of(path))
    add_probe(path)
    database = tmp_path / "data/empty.db"
    database.parent.mkdir()
    installer = Service(path, f"sqlite+aiosqlite:///{database}")
    installer.env |= {"UV_NO_DEV": "1", "BROKER_URL": "redis://127.0.0.1:1"}
    installer.run("uv", "sync", "--quiet")
    record.versions = installer.versions()
    installer.run("uv", "run", "app", "db", "upgrade")
    findings = Findings(record)
    try:
        with ExitStack() as stack:
            benches = [
                stack.enter_context(bench(backend_variant, path, database, name))
                for name in ("main", "killed", "unreachable")
            ]
            see_everything(findings, *benches)
    finally:
        record.write()
    assert set(record.seen) == set(parity.PROPERTIES)
    if findings.failures:
        raise ExceptionGroup(f"parity of {record.backend}", findings.failures)


def test_page_counts_no_result_that_is_old_or_bad() -> None:
    seen = {
        "retries": parity.Seen("held", "again | set aside"),
        "SIGTERM": parity.Seen("failed", "x"),
    }
    record = parity.Record("arq", "sum", "2026-01-01", seen, {"arq": "0.28"})
    page = record_parity.page({"none": None, "arq": record})
    assert f"| retries: {parity.PROPERTIES['retries']} | not run | again \\| set aside |" in page
    assert f"| SIGTERM: {parity.PROPERTIES['SIGTERM']} | not run | FAILED: x |" in page
    assert "| arq | 0.28 |" in page
    assert "SIGTERM" in record.failed()
    assert "retries" not in record.failed()


def test_page_is_of_the_tests_of_now() -> None:
    text = record_parity.PAGE.read_text(encoding="utf-8")
    empty = record_parity.page(dict.fromkeys(map(parity.backend_of, backend_variants())))
    for line in empty.splitlines():
        # Of a row the first cell: what the others hold is true of one run and one machine.
        known = "|".join(line.split("|")[:2]) if line.startswith("|") else line
        assert known in text, "run `make proof`"


def see_everything(findings: Findings, main: Bench, killed: Bench, unreachable: Bench) -> None:
    """Look at two properties beside the others: they wait more than they work."""
    main.env["PROBE_TICKS"] = "1"
    with ThreadPoolExecutor(2) as pool:
        later = {
            "no broker answers": pool.submit(see_an_unreachable_broker, unreachable),
            "SIGKILL": pool.submit(see_what_a_killed_worker_had, killed),
        }
        see_the_rest(main, findings)
        for name, seen in later.items():
            findings.look(name, seen.result)


def see_the_rest(bench: Bench, findings: Findings) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(bench.at_work())
        findings.look_at_once(
            {
                "retries": lambda: see_retries(bench),
                "transactions": lambda: see_transactions(bench),
            }
        )
        findings.look("time limit", lambda: see_the_time_limit(bench))
        findings.look("messages that are refused", lambda: see_refused_messages(bench))
        findings.look("a task that blocks", lambda: see_a_task_that_blocks(bench))
        second = stack.enter_context(bench.member())
        findings.look_at_once(
            {
                "shared work": lambda: see_shared_work(bench, second.address),
                "schedules": lambda: see_schedules(bench),
            }
        )
        second.end(GRACE + 5)
        findings.look("SIGTERM", lambda: see_the_end_of(first, bench))


def see_retries(bench: Bench) -> str:
    bench.enqueue(("probe.failing", {"mark": "retries"}))
    lines = bench.noted("retries", count=4)
    assert [line.attempt for line in lines] == [1, 2, 3, 4]
    assert len({line.id for line in lines}) == 1
    gaps = [after.time - before.time for before, after in pairwise(lines)]
    # A busy worker may be late, but never early: what is the least doubles.
    for number, gap in enumerate(gaps):
        assert 0.75 * 0.5 * 2**number <= gap <= 1.25 * 0.5 * 2**number + 4, gaps
    bench.set_aside((lines[0].id, "attempt 4, the last one, failed"))
    return f"again after {', '.join(f'{gap:.1f}' for gap in gaps)} s, then set aside"


def see_the_time_limit(bench: Bench) -> str:
    bench.enqueue(("probe.late", {"mark": "late"}))
    begun, ended = bench.noted("late", count=2), bench.noted("late", "cancelled", 2)
    assert [line.attempt for line in begun] == [1, 2]
    taken = [last.time - first.time for first, last in zip(begun, ended, strict=True)]
    assert all(0.9 < seconds < 3 for seconds in taken), taken
    bench.set_aside((begun[0].id, "longer than its 1 seconds"))
    assert bench.lines("late", "end") == []
    return f"ended after {max(taken):.1f} s of 1.0, once more, then set aside"


def see_transactions(bench: Bench) -> str:
    assert bench.post("roll-back?mark=rolled-back").status_code == 409
    bench.enqueue(("probe.plain", {"mark": "kept"}), ("probe.parent", {"mark": "kept"}))
    assert bench.script("script-failed", 0, "fail").code == 1
    kept = bench.script("script-kept", 0)
    assert kept.code == 0, kept.output
    for mark in ("kept", "kept, by a task", "script-kept"):
        bench.noted(mark, "end")
    time.sleep(1)
    for mark in ("kept", "kept, by a task", "script-kept"):
        assert len(bench.lines(mark, "end")) == 1, mark
    assert bench.lines("rolled-back") == bench.lines("script-failed") == []
    return "from a request, a script and a task: after the commit, never after a rollback"


def see_refused_messages(bench: Bench) -> str:
    large = "x" * 70_000
    assert bench.post("unchecked", {"mark": 7}).json() == "ValidationError"
    assert bench.post("unchecked", {"mark": large}).json() == "PayloadTooLarge"
    bad = [
        ("probe.plain", {"mark": "bad", "of_a_newer_release": 1}, "of_a_newer_release"),
        ("probe.of_a_newer_release", {"mark": "bad"}, "no task of this release"),
        ("probe.plain", {"mark": large}, "are allowed"),
    ]
    answer = bench.post("raw", [[task, payload] for task, payload, _ in bad])
    assert answer.status_code == 202, answer.text
    jobs = [(job, reason) for job, (*_, reason) in zip(answer.json(), bad, strict=True)]
    bench.enqueue(("probe.plain", {"mark": "good"}))
    bench.noted("good", "end")
    bench.set_aside(*jobs)
    assert bench.lines("bad") == []
    if not bench.has_workers:
        return "refused; named in the log, and not kept"
    count = len(bench.aside())
    retried = bench.run("app", "worker", "retry")
    assert retried.output.strip() == f"Enqueued again: {count}.", retried.output
    # What failed before fails again, after all its attempts; it is the same job.
    bench.noted("retries", count=8)
    assert [line.attempt for line in bench.lines("retries")] == [1, 2, 3, 4] * 2
    bench.set_aside(*jobs, (bench.lines("retries")[0].id, "attempt 4"))
    assert len(bench.aside()) == count
    return "refused, set aside with the reason; enqueued again by `app worker retry`"


def see_a_task_that_blocks(bench: Bench) -> str:
    bench.enqueue(("probe.blocking", {"mark": "blocking", "seconds": 9}))
    [begun] = bench.noted("blocking")
    bench.enqueue(*[("probe.plain", {"mark": "beside"})] * 4)
    ended = bench.noted("beside", "end", 4)
    waited = max(line.time for line in ended) - begun.time
    if bench.has_pool:
        assert waited < 5, waited
        bench.set_aside((begun.id, "it blocked its process"))
        bench.enqueue(*[("probe.plain", {"mark": "after"})] * 4)
        bench.noted("after", "end", 4)
        time.sleep(max(0.0, begun.time + 9.5 - time.time()))
        assert bench.lines("blocking", "end") == []
        return f"others went on ({waited:.1f} s); its process is killed, the job set aside"
    assert waited > 8, waited
    assert len(bench.noted("blocking", "end")) == 1
    return f"others waited for it ({waited:.1f} s); it cannot be ended"


def see_shared_work(bench: Bench, second: str) -> str:
    half = [("probe.plain", {"mark": "shared", "seconds": 0.3})] * 10
    begin = time.time()
    bench.enqueue(*half)
    bench.enqueue(*half, to=second)
    ended = bench.noted("shared", "end", 20)
    time.sleep(1)
    for event in ("begin", "end"):
        lines = bench.lines("shared", event)
        assert len(lines) == len({line.id for line in lines}) == 20
    groups = {line.group for line in ended}
    assert len(groups) == 2, groups
    seconds = max(line.time for line in ended) - begin
    if not bench.has_workers:
        return f"20 jobs in {seconds:.1f} s, each where it was enqueued"
    return f"20 jobs in {seconds:.1f} s, each once, by both"


def see_schedules(bench: Bench) -> str:
    begin = datetime.now(UTC)
    time.sleep(4 * TICK + 1)
    served = [tick for tick in served_ticks(bench) if tick > begin]
    assert len(served) >= 4, served
    gaps = {(after - before).total_seconds() for before, after in pairwise(served)}
    assert gaps == {TICK}, served

    def runs_are_as_many_as_ticks() -> bool:
        return len(bench.lines("", "begin")) == len(served_ticks(bench))

    eventually(runs_are_as_many_as_ticks, "a run for each tick", 10)
    # The clock goes on: a run too many would never be made up for.
    time.sleep(1)
    eventually(runs_are_as_many_as_ticks, "no more than a run for each tick", 10)
    return f"{len(served)} ticks, each served once by two schedulers"


def served_ticks(bench: Bench) -> list[datetime]:
    query = "SELECT tick FROM scheduled_run WHERE task = 'probe.ticking' ORDER BY tick"
    with closing(sqlite3.connect(bench.database)) as connection:
        found = [datetime.fromisoformat(tick) for (tick,) in connection.execute(query)]
    return [tick.replace(tzinfo=UTC) for tick in found]


def see_the_end_of(first: Member, bench: Bench) -> str:
    bench.enqueue(
        ("probe.plain", {"mark": "short", "seconds": 2}),
        ("probe.plain", {"mark": "long", "seconds": 9}),
    )
    [begun] = bench.noted("long")
    bench.noted("short")
    # It is busy with both, so the next one can only take what it gives back.
    with bench.starting() if bench.has_workers else nullcontext() as other:
        taken = first.end(GRACE + 5)
        ended = time.time()
        assert len(bench.lines("short", "end")) == 1, "it had the time to end"
        if other is None:
            assert begun.id in lost(first.server), "what is lost is not named"
            return f"ended within {taken:.1f} s; what takes longer is lost, and named"
        again = bench.noted("long", count=2, seconds=120)[1]
        bench.noted("long", "end")
        time.sleep(1)
        assert again.group == other.group
        assert len(bench.lines("long")) == 2
        for mark in ("short", "long"):
            assert len(bench.lines(mark, "end")) == 1, mark
        other.end(GRACE + 5)
    assert again.attempt == 1, f"attempt {again.attempt}"
    return (
        f"ended within {taken:.1f} s; what takes longer begins again elsewhere "
        f"{max(0.0, again.time - ended):.1f} s later, as attempt {again.attempt}"
    )


def lost(server: Server) -> str:
    return "".join(line for line in server.output().splitlines() if "Lost the job" in line)


def see_what_a_killed_worker_had(bench: Bench) -> str:
    with ExitStack() as stack:
        if bench.has_workers:
            first = stack.enter_context(bench.starting())
            assert bench.script("killed", 5).code == 0
        else:
            first = stack.enter_context(bench.serving())
            bench.enqueue(("probe.plain", {"mark": "killed", "seconds": 5}), to=first.address)
        bench.noted("killed", seconds=60)
        kill_group(first.group)
        killed = time.time()
        if not bench.has_workers:
            second = stack.enter_context(bench.serving())
            time.sleep(5)
            assert len(bench.lines("killed")) == 1
            second.end(10)
            return "lost"
        second = stack.enter_context(bench.starting())
        again = bench.noted("killed", count=2, seconds=LOST_FOR)[1]
        bench.noted("killed", "end")
        assert again.attempt in {1, 2}
        assert (len(bench.lines("killed")), len(bench.lines("killed", "end"))) == (2, 1)
        second.end(GRACE + 5)
    return f"done again by another {again.time - killed:.0f} s later, as attempt {again.attempt}"


def see_an_unreachable_broker(bench: Bench) -> str:
    if not bench.has_workers:
        return "there is none"
    port = free_port()
    url = str(bench.service.env["BROKER_URL"])
    scheme = url.partition(":")[0]
    closed = f"{scheme}://127.0.0.1:{port}/" + ("0" if scheme == "redis" else "")
    with bench.starting(BROKER_URL=closed) as worker:
        eventually(lambda: "BROKER_URL" in worker.server.output(), "BROKER_URL is named", 60)
        time.sleep(6)
        assert worker.server.process.poll() is None, "it ended"
        assert worker.server.output().count("BROKER_URL") == 1, worker.server.output()
        worker.end(10)  # Celery looks up from its waiting once a second
    if scheme != "redis" or not redis.program():
        return "waits, names BROKER_URL once, ends on SIGTERM"
    with bench.starting(BROKER_URL=closed) as worker:
        eventually(lambda: "BROKER_URL" in worker.server.output(), "BROKER_URL is named", 60)
        with redis_at(port):
            appeared = time.time()
            bench.env["BROKER_URL"] = closed
            assert bench.script("appeared", 0).code == 0
            [done] = bench.noted("appeared", "end", seconds=60)
            worker.end(GRACE + 5)
    return (
        "waits, names BROKER_URL once, ends on SIGTERM; works "
        f"{done.time - appeared:.0f} s after one appears"
    )

"""An endpoint of the service and those of floors under the same load, in alternating rounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load import Load, put_load
from benchmarks.process_stat import cpu_seconds
from benchmarks.ratio import Figure, Goal

ROUNDS = 3
WARM_UP_SECONDS = 1
SECONDS = 3
HOW_OFTEN = f"{ROUNDS} rounds of {SECONDS} s on each side."


@dataclass(frozen=True)
class Endpoint:
    """An address to load, and the session of the processes that answer it."""

    url: str
    session: int
    headers: Sequence[str] = ()
    body: str = ""  # where there is one, it is posted
    is_refused: bool = False

    def load(self, seconds: int) -> Load:
        return put_load(self.url, seconds, self.headers, self.body, is_refused=self.is_refused)


@dataclass(frozen=True)
class Round:
    """What one round of load on one endpoint gave."""

    load: Load
    cpu_seconds: float

    @property
    def cpu_ms_a_request(self) -> float:
        return self.cpu_seconds / self.load.requests * 1000

    @property
    def requests_a_second(self) -> float:
        return self.load.requests / self.load.seconds


def measure_round(endpoint: Endpoint) -> Round:
    endpoint.load(WARM_UP_SECONDS)
    before = cpu_seconds(endpoint.session)
    load = endpoint.load(SECONDS)
    return Round(load, cpu_seconds(endpoint.session) - before)


def measure_rounds(*endpoints: Endpoint) -> list[list[Round]]:
    """Load all in turn. Who begins alternates too, so that a drift favours none."""
    rounds = [list[Round]() for _ in endpoints]
    for number in range(ROUNDS):
        sides = list(zip(endpoints, rounds, strict=True))
        for endpoint, taken in sides if number % 2 == 0 else reversed(sides):
            taken.append(measure_round(endpoint))
    return rounds


def figures(
    ours: Sequence[Round],
    theirs: Sequence[Round],
    share: float | None = None,
    p99_goal: Goal | None = None,
    floor: str = "",
) -> list[Figure]:
    """Compare rounds. `share` is what the service should reach of the floor's requests, and so the
    processor time that one may take; `floor` names it where there is more than one.
    """
    beside = f", floor: {floor}" if floor else ""
    return [
        Figure(
            f"CPU time of the server a request{beside}",
            "ms",
            [each.cpu_ms_a_request for each in ours],
            [each.cpu_ms_a_request for each in theirs],
            None if share is None else Goal(round(1 / share, 2)),
        ),
        Figure(
            f"requests a second{beside}",
            "",
            [each.requests_a_second for each in ours],
            [each.requests_a_second for each in theirs],
            None if share is None else Goal(share, at_most=False),
        ),
        Figure(
            f"99th percentile{beside}",
            "ms",
            [each.load.p99_ms for each in ours],
            [each.load.p99_ms for each in theirs],
            p99_goal,
        ),
    ]


def compare(
    service: Endpoint, floor: Endpoint, share: float | None = None, p99_goal: Goal | None = None
) -> list[Figure]:
    """Load a service and one floor."""
    ours, theirs = measure_rounds(service, floor)
    return figures(ours, theirs, share, p99_goal)

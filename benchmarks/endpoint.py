"""An endpoint of the service and one of a floor under the same load, in alternating rounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load import Load, put_load
from benchmarks.process_cpu import cpu_seconds
from benchmarks.ratio import Figure, Goal

ROUNDS = 5
WARM_UP_SECONDS = 1.0
SECONDS = 4.0


@dataclass(frozen=True)
class Endpoint:
    """An address to load, and the session of the processes that answer it."""

    url: str
    session: int
    headers: Sequence[str] = ()


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
    put_load(endpoint.url, WARM_UP_SECONDS, endpoint.headers)
    before = cpu_seconds(endpoint.session)
    load = put_load(endpoint.url, SECONDS, endpoint.headers)
    return Round(load, cpu_seconds(endpoint.session) - before)


def compare(
    service: Endpoint,
    floor: Endpoint,
    cpu_goal: Goal | None = None,
    rate_goal: Goal | None = None,
) -> list[Figure]:
    """Load both in turn. Who begins alternates too, so that a drift favours neither."""
    ours, theirs = list[Round](), list[Round]()
    for number in range(ROUNDS):
        sides = [(service, ours), (floor, theirs)]
        for endpoint, rounds in sides if number % 2 == 0 else reversed(sides):
            rounds.append(measure_round(endpoint))
    return [
        Figure(
            "CPU time of the server a request",
            "ms",
            [each.cpu_ms_a_request for each in ours],
            [each.cpu_ms_a_request for each in theirs],
            cpu_goal,
        ),
        Figure(
            "requests a second",
            "",
            [each.requests_a_second for each in ours],
            [each.requests_a_second for each in theirs],
            rate_goal,
        ),
        Figure(
            "99th percentile",
            "ms",
            [each.load.p99_ms for each in ours],
            [each.load.p99_ms for each in theirs],
        ),
    ]

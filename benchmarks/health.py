"""What the service adds to every request, against an endpoint of FastAPI with nothing around it."""

from pathlib import Path

from benchmarks.endpoint import ROUNDS, SECONDS, Endpoint, compare
from benchmarks.ratio import Comparison
from benchmarks.subject import Subject

FLOOR = Path(__file__).parent / "floors" / "bare_floor.py"
PATH = "/health/live"
SENTENCE = (
    "`GET /health/live` of the service, against an endpoint that answers the same and is the only "
    "one of a bare `FastAPI()`: what every request pays for the service around it."
)


def measure(subject: Subject, service: Endpoint, *, access_log: bool) -> Comparison:
    """Compare under load; `service` is the list's endpoint, whose server is asked here too."""
    with subject.serving_floor(FLOOR, access_log=access_log) as (address, server):
        figures = compare(service, Endpoint(f"{address}{PATH}", server.process.pid))
    return Comparison(
        "Health", f"{SENTENCE} {ROUNDS} rounds of {SECONDS:.0f} s on each side.", figures
    )

"""What the service adds to every request, against an endpoint of FastAPI with nothing around it."""

from pathlib import Path

from benchmarks.endpoint import HOW_OFTEN, compare
from benchmarks.ratio import Comparison
from benchmarks.subject import Running

FLOOR = Path(__file__).parent / "floors" / "bare_floor.py"
PATH = "/health/live"
SHARE = 0.9
SENTENCE = (
    "`GET /health/live` of the service, against an endpoint that answers the same and is the only "
    "one of a bare `FastAPI()`: what every request pays for the service around it."
)


def measure(running: Running) -> Comparison:
    """Compare under load."""
    with running.floor(FLOOR) as floor:
        found = compare(running.endpoint(PATH), floor.endpoint(PATH), SHARE)
    return Comparison("Health", f"{SENTENCE} {HOW_OFTEN}", found)

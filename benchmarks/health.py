"""The check of health, against an endpoint of FastAPI with nothing around it."""

from dataclasses import replace
from pathlib import Path

from benchmarks.endpoint import HOW_OFTEN, compare
from benchmarks.ratio import Comparison
from benchmarks.subject import Running

FLOOR = Path(__file__).parent / "floors" / "bare_floor.py"
PATH = "/health/live"
SHARE = 0.9
SENTENCE = (
    "`GET /health/live` of the service, which answers it behind its outermost layers, against an "
    "endpoint that answers the same and is the only one of a bare `FastAPI()`. The floor writes "
    "no access log; of such checks the service writes one line for 60, as shipped."
)


def measure(running: Running) -> Comparison:
    """Compare under load."""
    with replace(running, access_log=False).floor(FLOOR) as floor:
        found = compare(running.endpoint(PATH), floor.endpoint(PATH), SHARE)
    return Comparison("Health", f"{SENTENCE} {HOW_OFTEN}", found)

"""What the layers of a service cost every request, against FastAPI with nothing around it."""

from dataclasses import replace

from benchmarks.endpoint import HOW_OFTEN, Endpoint, compare
from benchmarks.health import FLOOR
from benchmarks.ratio import Comparison
from benchmarks.subject import Running

SENTENCE = (
    "`GET /nowhere`, which goes through every layer of the service (name, log, headers, proxies, "
    "problems, CORS, hosts, compression, rate limits, time and size) and is answered with a "
    "problem, against the 404 of a bare `FastAPI()`: what a request pays before its operation. "
    "Both write a line for each."
)


def endpoint(running: Running) -> Endpoint:
    return replace(running.endpoint("/nowhere"), is_refused=True)


def measure(running: Running) -> Comparison:
    """Compare under load."""
    with running.floor(FLOOR) as floor:
        found = compare(endpoint(running), endpoint(floor))
    return Comparison("Every layer", f"{SENTENCE} {HOW_OFTEN}", found)

"""Where the processor time of a request goes: samples of py-spy, by the code that they stand in."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import layers
from benchmarks.endpoint import WARM_UP_SECONDS, Endpoint
from benchmarks.list_of_items import fill
from benchmarks.subject import Running
from tests.harness.process import attempt, environment

SECONDS, A_SECOND = 10, 100
LEAST = 0.01  # what has a smaller share is summed up
REST = "places with less"
# A frame of a library, of the service, of what the standard library does for either.
PACKAGE = re.compile(r"/site-packages/(\w+)")
OURS = re.compile(r"/(app/.+\.py)")
STANDARD = {
    "/logging/": "logging (standard library)",
    "/json/": "json (standard library)",
    "/asyncio/runners.py": "event loop: sockets, timers, callbacks",
}
SENTENCE = (
    f"{A_SECOND} samples a second for {SECONDS} s of the server under the same load, taken by "
    "py-spy. A sample counts for the innermost frame that is not the standard library's: what a "
    "library or the interpreter does in C counts for the Python code that called it. Modules below "
    "`app/` are the service's own. Places with less than one sample in a hundred are summed up."
)


class ProfileError(Exception):
    """There is no profile, and why."""


@dataclass(frozen=True)
class Profile:
    """For each place in the code its share of the samples of each endpoint."""

    endpoints: Sequence[str]
    shares: dict[str, list[float]]

    def rows(self) -> list[tuple[str, ...]]:
        ordered = sorted(self.shares.items(), key=lambda each: -sum(each[1]))
        return [(place, *(f"{share:.1%}" for share in shares)) for place, shares in ordered]


def measure(running: Running) -> Profile:
    """Profile a list, and what goes through every layer and no operation."""
    endpoints = {"list of 20 rows": fill(running), "no operation": layers.endpoint(running)}
    samples = [sampled(each, running.subject.path.parent / "stacks") for each in endpoints.values()]
    return Profile(list(endpoints), shares(samples))


def sampled(endpoint: Endpoint, file: Path) -> Counter[str]:
    """Count samples by place while the load is on.

    Raises:
        ProfileError: where py-spy may not look at another process, say.
    """
    endpoint.load(WARM_UP_SECONDS)
    with ThreadPoolExecutor(1) as thread:
        load = thread.submit(endpoint.load, SECONDS + 2)
        done = attempt(
            [
                *(str(Path(sys.executable).parent / "py-spy"), "record", "--full-filenames"),
                # Only who holds the interpreter: a thread that waits may look as if it worked.
                *("--gil", "--pid", str(endpoint.session), "--rate", str(A_SECOND)),
                *("--duration", str(SECONDS), "--format", "raw", "--output", str(file)),
            ],
            cwd=file.parent,
            env=environment({}),
        )
        load.result()
    if done.code != 0:
        raise ProfileError(done.output)
    return places(file.read_text(encoding="utf-8"))


def places(stacks: str) -> Counter[str]:
    """Count samples by the place of their innermost frame; a line has frames and their number."""
    found = Counter[str]()
    for line in stacks.splitlines():
        frames, _, samples = line.rpartition(" ")
        found[place_of(frames.split(";"))] += int(samples)
    return found


def place_of(frames: Sequence[str]) -> str:
    """Name the library, or the module of the service, that a stack ends in."""
    for frame in reversed(frames):
        if found := PACKAGE.search(frame):
            return found[1]
        if found := OURS.search(frame):
            return found[1]
        for part, place in STANDARD.items():
            if part in frame:
                return place
    return "the rest of the standard library"


def shares(samples: Sequence[Counter[str]]) -> dict[str, list[float]]:
    """Give the share of each place, the places of little together."""
    found = {
        place: [counted[place] / counted.total() for counted in samples]
        for place in set().union(*samples)
    }
    little = {place for place, each in found.items() if max(each) < LEAST}
    rest = [sum(found[place][number] for place in little) for number in range(len(samples))]
    return {place: each for place, each in found.items() if place not in little} | {REST: rest}

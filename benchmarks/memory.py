"""What a server has in memory once it has answered, against that of the list's floor."""

import httpx2

from benchmarks.list_of_items import FLOOR, register
from benchmarks.process_stat import resident_bytes
from benchmarks.ratio import Comparison, Figure, Goal
from benchmarks.subject import Subject
from tests.harness.process import Server

ROUNDS = 3
GOAL = Goal(1.25)
MEBIBYTE = 2**20
SENTENCE = (
    "A server that was started anew and gave its first list of items, against the floor of that "
    "list: the memory of all of its processes (resident set)."
)


def measure(subject: Subject) -> Comparison:
    """Start both in turn; the service knows an access token from before."""
    with subject.serving() as (address, _), httpx2.Client(base_url=address) as client:
        name, _, token = register(client, subject).partition(": ")
    ours, theirs = list[float](), list[float]()
    for _ in range(ROUNDS):
        with subject.serving() as running:
            ours.append(after_an_answer(running, "/api/v1/items", {name: token}))
        with subject.serving_floor(FLOOR, access_log=True) as running:
            theirs.append(after_an_answer(running, "/items", {}))
    figure = Figure("resident memory", "MiB", ours, theirs, GOAL)
    return Comparison(
        "Memory after the first answer", f"{SENTENCE} {ROUNDS} starts of each.", [figure]
    )


def after_an_answer(running: tuple[str, Server], path: str, headers: dict[str, str]) -> float:
    """Ask for the list, and read the memory, in mebibytes."""
    address, server = running
    httpx2.get(f"{address}{path}", headers=headers).raise_for_status()
    return resident_bytes(server.process.pid) / MEBIBYTE

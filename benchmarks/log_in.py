"""What log-ins tell and cost: `python -m benchmarks.log_in`, about three minutes.

Whether the time of an answer tells that an address has an account, and how long others wait for an
answer of the service while clients log in without a pause.
"""

import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles

import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks.list_of_items import create, register
from benchmarks.subject import Subject, subject

ANSWERS = 200  # of each kind
RESAMPLED = 1000  # pairs of samples
PAUSE = 0.05  # seconds: without a worker, what an answer leaves to be done is done after it
CLIENTS = 4
SECONDS = 10.0
API = "/api/v1"
PASSWORD = "salt wind and tar 41"

Ask = Callable[[str], httpx2.Response]


def somebody() -> str:
    return f"{secrets.token_hex(8)}@example.com"


def milliseconds(ask: Ask, email: str, status: int) -> float:
    begun = time.perf_counter()
    answer = ask(email)
    taken = (time.perf_counter() - begun) * 1000
    assert answer.status_code == status, answer.text
    return taken


def enter(client: httpx2.Client, email: str, password: str = PASSWORD) -> httpx2.Response:
    return client.post("/auth/token", data={"username": email, "password": password})


def told(client: httpx2.Client) -> Iterator[tuple[str, list[float], list[float]]]:
    """Give the times of answers about addresses with an account, and about others, in turn."""
    known = [somebody() for _ in range(ANSWERS)]
    for email in known:
        account = {"email": email, "password": PASSWORD}
        client.post("/users", json=account).raise_for_status()
    ways: dict[str, tuple[Ask, int]] = {
        "log in": (
            lambda email: enter(client, email, f"{PASSWORD}!"),
            401,
        ),
        "register": (
            lambda email: client.post("/users", json={"email": email, "password": PASSWORD}),
            202,
        ),
        "forgot the password": (
            lambda email: client.post("/users/password/forgot", json={"email": email}),
            202,
        ),
    }
    for name, (ask, status) in ways.items():
        times: tuple[list[float], list[float]] = ([], [])
        for email in known:
            # One connection, one at a time, each kind in turn: a drift of the machine meets both.
            time.sleep(PAUSE)
            times[0].append(milliseconds(ask, email, status))
            time.sleep(PAUSE)
            times[1].append(milliseconds(ask, somebody(), status))
        yield name, *times


def noise(times: list[float]) -> float:
    """Give how far medians of two samples of the same answers lie apart by chance alone: 19 of 20
    pairs of samples are closer (bootstrap; B. Efron, 1979).
    """
    chance = Random(1)

    def sampled() -> float:
        return median(chance.choices(times, k=len(times)))

    return quantiles((abs(sampled() - sampled()) for _ in range(RESAMPLED)), n=20)[-1]


@contextmanager
def logging_in(address: str, email: str) -> Iterator[list[float]]:
    """Let clients log in without a pause, each when it has its answer; give the times."""
    ended, taken = threading.Event(), list[float]()

    def go() -> None:
        with httpx2.Client(base_url=address + API, timeout=60) as client:
            while not ended.is_set():
                taken.append(milliseconds(partial(enter, client), email, 200))

    threads = [threading.Thread(target=go) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield taken
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def listing(address: str, header: str) -> list[float]:
    """Ask for a list without a pause; give the times of the answers."""
    name, _, value = header.partition(": ")
    times, deadline = list[float](), time.monotonic() + SECONDS
    with httpx2.Client(base_url=address + API, headers={name: value}, timeout=60) as client:
        while time.monotonic() < deadline:
            times.append(milliseconds(lambda _: client.get("/items?limit=20"), "", 200))
    return times


def shown(times: list[float]) -> str:
    low, _, high = quantiles(times, n=4)
    return f"{median(times):.2f} ms ({low:.2f} to {high:.2f})"


def measure(found: Subject) -> Iterator[Table]:
    with found.serving() as (address, _):
        with httpx2.Client(base_url=address + API, timeout=60) as client:
            table = Table("answer", "known", "unknown", "apart", "noise of the known")
            for name, known, unknown in told(client):
                apart = abs(median(known) - median(unknown))
                table.add_row(
                    name, shown(known), shown(unknown), f"{apart:.2f} ms", f"{noise(known):.2f} ms"
                )
            yield table
        with httpx2.Client(base_url=address) as client:
            header = register(client, found)
            create(client, header, 20)
            email = somebody()
            register(client, found, email, PASSWORD)
        table = Table("list of 20 rows", "median", "ratio")
        idle = listing(address, header)
        with logging_in(address, email) as taken:
            time.sleep(1)
            busy = listing(address, header)
        table.add_row("idle", shown(idle), "1")
        table.add_row(
            f"while {CLIENTS} clients log in ({len(taken)} log-ins)",
            shown(busy),
            f"{median(busy) / median(idle):.2f}",
        )
        yield table


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder, subject(Path(folder)) as s:
        for table in measure(s):
            Console().print(table)


if __name__ == "__main__":
    main()

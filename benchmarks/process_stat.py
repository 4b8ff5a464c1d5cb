"""What a server takes, from Linux's /proc: CPU time, which other work moves least, and memory."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(session: int) -> float:
    """Sum user and system time of every process of a session: a server and its children.

    Read it twice and subtract. A child that ends between the two readings is lost.
    """
    return sum(int(fields[11]) + int(fields[12]) for fields in stats(session)) / TICKS_A_SECOND


def resident_bytes(session: int) -> int:
    """Sum what the processes of a session have in memory."""
    return sum(int(fields[21]) for fields in stats(session)) * PAGE_SIZE


def stats(session: int) -> Iterator[list[str]]:
    """Give the fields of each process of a session, without its number and its name."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold anything: count fields after it (man 5 proc).
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading
        if int(fields[3]) == session:
            yield fields

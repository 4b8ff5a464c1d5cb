"""The CPU time of a server, from Linux's /proc: what other work moves least."""

import os
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(session: int) -> float:
    """Sum user and system time of every process of a session: a server and its children.

    Read it twice and subtract. A child that ends between the two readings is lost.
    """
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold anything: count fields after it (man 5 proc).
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_A_SECOND

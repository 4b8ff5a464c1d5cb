"""Load on one address from a process of its own: wrk, which `make bench` fetches."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 32
POST = Path(__file__).parent / "post.lua"
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class LoadError(Exception):
    """Something else than a success was answered, or nothing at all: there is no figure then."""


@dataclass(frozen=True)
class Load:
    """What a client saw: requests answered, seconds taken, the 99th percentile in milliseconds."""

    requests: int
    seconds: float
    p99_ms: float


def is_there() -> bool:
    return shutil.which("wrk") is not None


def put_load(
    url: str,
    seconds: int,
    headers: Sequence[str] = (),
    body: str = "",
    *,
    is_refused: bool = False,
) -> Load:
    """Keep every connection busy with one request at a time; with a body, each is a POST.

    Raises:
        LoadError: where an answer is no success, or is one and should not be.
    """
    command = ["wrk", "--latency", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    command += [part for header in headers for part in ("-H", header)]
    command += ["-s", str(POST)] if body else []
    done = subprocess.run(
        [*command, url],
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        env=os.environ | {"BODY": body},
    )
    if done.returncode != 0:
        raise LoadError(done.stderr or done.stdout)
    return read_wrk(done.stdout, is_refused=is_refused)


def read_wrk(output: str, *, is_refused: bool) -> Load:
    """Read what wrk prints.

    Raises:
        LoadError: where it counted errors, or prints something that is not understood.
    """
    total = re.search(r"(\d+) requests in ([\d.]+)(m?)s,", output)
    p99 = re.search(r"^\s*99%\s+([\d.]+)(us|ms|s)\s*$", output, re.MULTILINE)
    as_expected = ("Non-2xx" in output) is is_refused and "Socket errors" not in output
    if total is None or p99 is None or not as_expected:
        raise LoadError(output)
    seconds = float(total[2]) / (1000 if total[3] else 1)
    return Load(int(total[1]), seconds, float(p99[1]) * MILLISECONDS[p99[2]])

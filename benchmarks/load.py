"""Load on one address from a process of its own: wrk where it is installed, else this file.

As a script it is the client: `python load.py URL SECONDS CONNECTIONS [HEADER…]` prints JSON.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from urllib.parse import urlsplit

CONNECTIONS = 32
HEADERS_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class LoadError(Exception):
    """Something else than 200 was answered, or nothing at all: there is no figure then."""


@dataclass(frozen=True)
class Load:
    """What a client saw: requests answered, seconds taken, the 99th percentile in milliseconds."""

    requests: int
    seconds: float
    p99_ms: float


def tool() -> str:
    """Name the client that puts the load on."""
    return "wrk" if shutil.which("wrk") else "benchmarks/load.py (asyncio, raw sockets)"


def put_load(url: str, seconds: float, headers: Sequence[str] = ()) -> Load:
    """Keep every connection busy with one request at a time, for that long.

    Raises:
        LoadError: where an answer is not a 200.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        command = [sys.executable, __file__, url, str(seconds), str(CONNECTIONS), *headers]
    else:
        command = [wrk, "--latency", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        command += [part for header in headers for part in ("-H", header)] + [url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode != 0:
        raise LoadError(done.stderr or done.stdout)
    return Load(**json.loads(done.stdout)) if wrk is None else read_wrk(done.stdout)


def read_wrk(output: str) -> Load:
    """Read what wrk prints.

    Raises:
        LoadError: where it counted errors, or prints something that is not understood.
    """
    total = re.search(r"(\d+) requests in ([\d.]+)(m?)s,", output)
    p99 = re.search(r"^\s*99%\s+([\d.]+)(us|ms|s)$", output, re.MULTILINE)
    if total is None or p99 is None or "Non-2xx" in output or "Socket errors" in output:
        raise LoadError(output)
    seconds = float(total[2]) / (1000 if total[3] else 1)
    return Load(int(total[1]), seconds, float(p99[1]) * MILLISECONDS[p99[2]])


class Client(asyncio.Protocol):
    """One kept-alive connection: the next request leaves when the last answer is complete."""

    transport: asyncio.Transport

    def __init__(self, request: bytes, latencies: list[float], ended: asyncio.Event) -> None:
        self.request = request
        self.latencies = latencies
        self.ended = ended
        self.answer = b""
        self.error = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.answer = b""
        self.sent = perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, separator, body = self.answer.partition(HEADERS_END)
        if not separator:
            return
        length = LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200 ") or length is None:
            self.fail(f"not a 200 with a length: {head.decode(errors='replace')}")
        elif len(body) >= int(length[1]):
            self.latencies.append(perf_counter() - self.sent)
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.is_set():
            self.fail(f"the server closed a connection: {error or 'without an error'}")

    def fail(self, message: str) -> None:
        self.error = self.error or message
        self.ended.set()


def as_is(client: Client) -> Client:
    return client


async def measure(url: str, seconds: float, connections: int, headers: Sequence[str]) -> Load:
    """Put the load on from this process.

    Raises:
        LoadError: at the first answer that is not a 200.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", *headers]
    request = "\r\n".join(lines).encode() + HEADERS_END
    latencies: list[float] = []
    ended = asyncio.Event()
    clients = [Client(request, latencies, ended) for _ in range(connections)]
    loop = asyncio.get_running_loop()
    started = perf_counter()
    for client in clients:
        await loop.create_connection(partial(as_is, client), host, port)
    loop.call_later(seconds, ended.set)
    await ended.wait()
    taken = perf_counter() - started
    for client in clients:
        client.transport.abort()
        if client.error:
            raise LoadError(client.error)
    ordered = sorted(latencies)
    return Load(len(ordered), taken, ordered[int(len(ordered) * 0.99)] * 1000)


def main() -> None:
    url, seconds, connections, *headers = sys.argv[1:]
    try:
        load = asyncio.run(measure(url, float(seconds), int(connections), headers))
    except LoadError as error:
        sys.exit(str(error))
    print(json.dumps(vars(load)))


if __name__ == "__main__":
    main()

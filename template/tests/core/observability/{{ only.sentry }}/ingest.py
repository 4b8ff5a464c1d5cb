"""A Sentry as far as a client sees it: it takes envelopes."""

import gzip
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Ingest:
    port: int
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return f"http://public@127.0.0.1:{self.port}/7"


@contextmanager
def ingest() -> Generator[Ingest]:
    """Listen on a free port, and keep the events of what comes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            # A line for the envelope, then two for each thing in it: what it is, and itself.
            _, *lines = body.decode().splitlines()
            for kind, thing in zip(lines[::2], lines[1::2], strict=False):
                if json.loads(kind)["type"] == "event":
                    taken.events.append(json.loads(thing))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing: a test looks at what came."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken = Ingest(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

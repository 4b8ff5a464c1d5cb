"""The process that ends what a run has left, when the run itself cannot any more."""

import json
import os
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from tests.harness import groups

# Seconds after which a server that does not answer is left as it is.
PATIENCE = 60
# Seconds in which PostgreSQL can end by itself: it leaves no shared memory then.
GENTLE = 5


class Member:
    """A process of the run: what it holds, in the order in which it began, and since when."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.pid = 0
        self.held: dict[tuple[str, ...], str] = {}
        self.rest = b""

    def read(self) -> list[list[str]] | None:
        """Give the messages that have come; None once there will be no more."""
        try:
            received = self.connection.recv(65536)
        except OSError:
            received = b""
        if not received:
            return None
        *lines, self.rest = (self.rest + received).split(b"\n")
        return [json.loads(line) for line in lines]

    def take(self, kind: str, what: list[str]) -> None:
        """Note a message."""
        match kind:
            case "join":
                self.pid = int(what[0])
            case "hold":
                since = groups.began(int(what[1])) if what[0] == "group" else ""
                self.held[tuple(what)] = since
            case "release":
                self.held.pop(tuple(what), None)

    def kill(self) -> None:
        """End the process: its connection is open, so the number is still its own."""
        if self.pid:
            groups.kill(lambda each: each.pid == self.pid)

    def kill_groups(self) -> None:
        """End the process groups that it held."""
        for (kind, value, *_), since in self.held.items():
            if kind == "group":
                groups.kill_group(int(value), since)


def watch(listener: socket.socket) -> set[tuple[str, ...]]:
    """Watch the processes of a run until all have ended; give what else than groups was left."""
    left: set[tuple[str, ...]] = set()
    members: list[Member] = []
    with DefaultSelector() as selector:
        selector.register(listener, EVENT_READ)
        first: Member | None = None
        while first is None or members:
            for key, _ in selector.select():
                member = key.data
                if member is None:
                    member = Member(listener.accept()[0])
                    first = first or member
                    members.append(member)
                    selector.register(member.connection, EVENT_READ, member)
                    continue
                messages = member.read()
                for word, *what in messages or []:
                    member.take(word, what)
                if messages is None:
                    selector.unregister(member.connection)
                    member.connection.close()
                    members.remove(member)
                    member.kill_groups()
                    left.update(each for each in member.held if each[0] != "group")
                    if member is first:
                        selector.unregister(listener)
                        listener.close()
                if (messages is None and member is first) or ["end"] in (messages or []):
                    for each in members:
                        if each is not first:
                            each.kill()
    return left


def remove_folder(folder: Path) -> None:
    """Remove the data of a private server, after what still works on it."""
    deadline = time.monotonic() + GENTLE
    while pids := groups.that_name(str(folder)):
        for pid in pids:
            groups.send(pid, signal.SIGQUIT)
        if time.monotonic() > deadline:
            groups.kill(lambda each: each.pid in pids)
        time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)


def clear(kind: str, url: str, prefix: str) -> None:
    """Remove from a server what carries the prefix of the run."""
    from tests.harness import servers

    servers.clear(next(each for each in servers.KINDS if each.key == kind), url, prefix)


def main() -> None:
    """Watch a run, and clean up after it.

    The reaper is no child of the run: who ends the run with all its descendants must not end it.
    """
    if os.fork():
        os._exit(0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    listener, own = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])
    left = sorted(watch(listener))
    for kind, *what in left:
        if kind == "folder":
            remove_folder(Path(what[0]))
    signal.alarm(PATIENCE)
    for kind, *what in left:
        if kind == "server":
            with suppress(Exception):  # the next one is to be cleared all the same
                clear(*what)
    shutil.rmtree(own)


if __name__ == "__main__":
    main()

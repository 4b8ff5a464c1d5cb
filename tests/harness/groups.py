"""Process groups: which processes are in one, which have come from it, and the end of them all."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PS = ["ps", "-axww", "-o"]


@dataclass(frozen=True)
class Process:
    """A process as the system lists it; `began` tells it from a later one with the same number."""

    pid: int
    parent: int
    group: int
    state: str
    began: str

    @property
    def runs(self) -> bool:
        """Say whether it has not ended: it is listed until its parent, or init, has taken note."""
        return self.state not in "ZX"


def processes() -> list[Process]:
    """List the processes that run."""
    listed = from_proc() if (PROC / "self/stat").exists() else from_ps()
    return [each for each in listed if each.runs]


def from_proc() -> Iterator[Process]:
    """Read the list where the system has it as files."""
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            yield Process(int(folder.name), int(fields[1]), int(fields[2]), fields[0], fields[19])


def from_ps() -> Iterator[Process]:
    """Ask the command that every other system has."""
    asked = [*PS, "pid=,ppid=,pgid=,stat=,lstart="]
    for line in subprocess.run(asked, capture_output=True, text=True).stdout.splitlines():
        pid, parent, group, state, *began = line.split()
        yield Process(int(pid), int(parent), int(group), state[0], " ".join(began))


def that_name(text: str) -> set[int]:
    """Find the processes that have a text in their command line."""
    found = set()
    if (PROC / "self/cmdline").exists():
        for path in PROC.glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if os.fsencode(text) in path.read_bytes():
                    found.add(int(path.parent.name))
    else:
        asked = [*PS, "pid=,args="]
        for line in subprocess.run(asked, capture_output=True, text=True).stdout.splitlines():
            pid, _, command = line.strip().partition(" ")
            if text in command:
                found.add(int(pid))
    return found - {os.getpid()}


def group_is_alive(group: int) -> bool:
    """Say whether any process of the group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return any(each.group == group for each in processes())


def began(pid: int) -> str:
    """Say when a process began; empty where there is none."""
    return next((each.began for each in processes() if each.pid == pid), "")


def kill_group(group: int, since: str = "") -> None:
    """End what is left of a process group, and what its processes started outside it.

    A group that is led by a process that began at another time than `since` is somebody else's.
    While one of its processes runs, no other process and no other group gets its number.
    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, 0)
        if since and began(group) not in {since, ""}:
            return
        kill(lambda each: each.group == group)


def kill(is_root: Callable[[Process], bool]) -> None:
    """End processes and all that come from them.

    They are stopped first, and looked for until no more appear: one that is killed leaves children
    that nothing ties to it, and one that runs goes on to make them.
    """
    stopped: set[int] = set()
    while found := family(is_root) - stopped:
        for pid in found:
            send(pid, signal.SIGSTOP)
        stopped |= found
    for pid in stopped:
        send(pid, signal.SIGKILL)


def family(is_root: Callable[[Process], bool]) -> set[int]:
    """Find processes and their descendants, in whatever group and session these are."""
    listed = processes()
    found = {each.pid for each in listed if is_root(each)}
    while more := {each.pid for each in listed if each.parent in found} - found:
        found |= more
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended, or be another user's."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)

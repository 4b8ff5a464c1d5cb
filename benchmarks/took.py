"""What a command, or a part of one, takes."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from benchmarks.ratio import Figure, Goal


@dataclass(frozen=True)
class Took:
    """Seconds of one run: on the clock, and of CPU, child processes included."""

    wall: float
    cpu: float


def timed(way: Callable[[], object]) -> Took:
    """Run one of the ways."""
    begin, cpu = perf_counter(), cpu_seconds()
    way()
    return Took(perf_counter() - begin, cpu_seconds() - cpu)


def cpu_seconds() -> float:
    """Sum what this process and its children have used, user and system."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def both_times(
    ours: Sequence[Took], theirs: Sequence[Took], goal: Goal | None, floor: str = ""
) -> list[Figure]:
    """Compare runs; `floor` names it where there is more than one."""
    beside = f", floor: {floor}" if floor else ""
    cpu = ([each.cpu for each in ours], [each.cpu for each in theirs])
    wall = ([each.wall for each in ours], [each.wall for each in theirs])
    return [
        Figure(f"CPU time{beside}", "s", *cpu, goal),
        Figure(f"time on the clock{beside}", "s", *wall, goal),
    ]


def run(module: str, *arguments: str) -> None:
    """Run a module of this interpreter, whatever it says of what it finds."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True)
    assert done.returncode in (0, 1), done.stderr.decode()


def copy(template: str, place: str) -> None:
    """Have a process of its own generate what a template makes by default."""
    run("copier", "copy", "--trust", "--defaults", "--overwrite", "--quiet", template, place)

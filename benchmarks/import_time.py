"""The app from nothing to built, against the import of the same libraries without the app."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ratio import Comparison, Figure, Goal
from tests.harness.process import run

ROUNDS = 21
GOAL = Goal(1.15)
SENTENCE = (
    "A fresh interpreter imports the application and builds it (`create_app()`), against a fresh "
    "interpreter that imports by name, in the same order, every module from outside the standard "
    "library that the application had loaded. The start of the interpreter is not counted."
)

BUILD_THE_APP = "from app.main import create_app\ncreate_app()"
IMPORT_THE_LIBRARIES = "for name in names: import_module(name)"
# The same around both, so that neither finds a module loaded that the other has to load.
TIMED = """
import sys
from importlib import import_module
from time import perf_counter, process_time
names = sys.argv[1:]
wall, cpu = perf_counter(), process_time()
{what}
print(perf_counter() - wall, process_time() - cpu)
"""
# Modules without a specification were made by other modules and cannot be imported by name.
LIBRARIES = """
import sys
before = set(sys.modules)
{what}
import json, pathlib
print(json.dumps([
    name
    for name, module in list(sys.modules.items())
    if name not in before
    and (spec := getattr(module, "__spec__", None)) and spec.name == name and spec.has_location
    and "site-packages" in pathlib.Path(spec.origin).parts
]))
"""


@dataclass(frozen=True)
class Took:
    """Seconds of one run: on the clock, and of CPU (user and system)."""

    wall: float
    cpu: float


def measure(python: Path, service: Path, env: Mapping[str, str]) -> Comparison:
    """Compare with warm bytecode, one run of each in turn."""

    def interpret(code: str, *arguments: str) -> str:
        return run([str(python), "-c", code, *arguments], cwd=service, env=env).splitlines()[-1]

    def time(what: str, *arguments: str) -> Took:
        wall, cpu = interpret(TIMED.format(what=what), *arguments).split()
        return Took(float(wall), float(cpu))

    # The first run of each writes the bytecode.
    libraries: list[str] = json.loads(interpret(LIBRARIES.format(what=BUILD_THE_APP)))
    time(IMPORT_THE_LIBRARIES, *libraries)
    rounds = [(time(BUILD_THE_APP), time(IMPORT_THE_LIBRARIES, *libraries)) for _ in range(ROUNDS)]
    return Comparison(
        "Import of the application",
        f"{SENTENCE} {len(libraries)} modules, {ROUNDS} runs of each.",
        [
            Figure(
                "CPU time",
                "ms",
                [app.cpu * 1000 for app, _ in rounds],
                [floor.cpu * 1000 for _, floor in rounds],
                GOAL,
            ),
            Figure(
                "time on the clock",
                "ms",
                [app.wall * 1000 for app, _ in rounds],
                [floor.wall * 1000 for _, floor in rounds],
                GOAL,
            ),
        ],
    )

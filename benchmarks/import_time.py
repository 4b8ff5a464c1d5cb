"""The app from nothing to built, against its libraries without it, and against the list's floor."""

import json

from benchmarks.list_of_items import FLOOR
from benchmarks.ratio import Comparison, Goal
from benchmarks.subject import Subject
from benchmarks.took import Took, both_times

ROUNDS = 9
GOAL, GOAL_OF_FLOOR = Goal(1.15), Goal(1.4)
SENTENCE = (
    "A fresh interpreter imports the application and builds it (`create_app()`), against a fresh "
    "interpreter that imports by name, in the same order, every module from outside the standard "
    "library that the application had loaded; and against one that imports the floor of the list, "
    f"`{FLOOR.name}`. The start of the interpreter is not counted."
)

BUILD_THE_APP = "from app.main import create_app\ncreate_app()"
IMPORT_THE_FLOOR = f"sys.path.append({str(FLOOR.parent)!r})\nimport {FLOOR.stem}"
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


def measure(subject: Subject) -> Comparison:
    """Compare with warm bytecode, one run of each in turn."""

    def interpret(code: str, *arguments: str) -> str:
        return subject.run(str(subject.python), "-c", code, *arguments).splitlines()[-1]

    def time(what: str, *arguments: str) -> Took:
        wall, cpu = interpret(TIMED.format(what=what), *arguments).split()
        return Took(float(wall), float(cpu))

    # The first run of each writes the bytecode.
    libraries: list[str] = json.loads(interpret(LIBRARIES.format(what=BUILD_THE_APP)))
    time(IMPORT_THE_LIBRARIES, *libraries)
    time(IMPORT_THE_FLOOR)
    rounds = [
        (time(BUILD_THE_APP), time(IMPORT_THE_LIBRARIES, *libraries), time(IMPORT_THE_FLOOR))
        for _ in range(ROUNDS)
    ]
    apps, same, floors = zip(*rounds, strict=True)
    return Comparison(
        "Import of the application",
        f"{SENTENCE} {len(libraries)} modules, {ROUNDS} runs of each.",
        [
            *both_times(apps, same, GOAL, "the same modules"),
            *both_times(apps, floors, GOAL_OF_FLOOR, "SQLModel"),
        ],
    )

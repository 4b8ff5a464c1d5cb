"""Which versions a rendered service gets today: its uv.lock is a part of what is proven.

One question to the package index in a run, for everything that any variant requires; each variant
then resolves from uv's cache. Asked once a variant, the index takes most of a run in which nothing
has changed.
"""

import json
import os
from pathlib import Path

from extensions.requirements import Requirements
from tests.harness.environments import locked
from tests.harness.paths import CACHE
from tests.harness.process import attempt, environment, run
from tests.harness.servers.kind import PREFIX
from tests.harness.variants import all_variants

EVERYTHING = CACHE / "resolved"


def lock(tree: Path) -> None:
    """Resolve what a rendered service depends on, with the newest versions of this run."""
    ask_the_index()
    command, env = ["uv", "lock", "--quiet"], environment({})
    if attempt([*command, "--offline"], cwd=tree, env=env).code != 0:
        run(command, cwd=tree, env=env)


def ask_the_index(place: Path = EVERYTHING) -> None:
    """Bring uv's cache up to date, once in a run."""
    run_id = os.environ.get(PREFIX, str(os.getpid()))
    asked = place / "run"
    with locked(place):
        if asked.exists() and asked.read_text() == run_id:
            return
        place.mkdir(exist_ok=True)
        (place / "pyproject.toml").write_text(everything(), encoding="utf-8")
        run(["uv", "lock", "--quiet", "--refresh"], cwd=place, env=environment({}))
        asked.write_text(run_id)


def everything() -> str:
    """Write a project that requires what each variant requires, in groups that exclude each other.

    ARQ and Celery on Redis cannot be resolved together.
    """
    lists = dict.fromkeys(map(requirements, map(dict, (each.answers for each in all_variants()))))
    groups = "".join(f"v{number} = {json.dumps(each)}\n" for number, each in enumerate(lists))
    conflicts = ", ".join(f'{{ group = "v{number}" }}' for number in range(len(lists)))
    return (
        '[project]\nname = "everything"\nversion = "0"\nrequires-python = ">=3.11"\n'
        f"[dependency-groups]\n{groups}"
        f"[tool.uv]\npackage = false\nconflicts = [[{conflicts}]]\n"
    )


def requirements(answers: dict[str, object]) -> tuple[str, ...]:
    """Give what a variant requires, its development included."""
    context = dict(answers)
    Requirements.hook(None, context)  # type: ignore[arg-type]  # it asks nothing of itself
    return (*context["dependencies"], *context["development_dependencies"])  # type: ignore[misc]

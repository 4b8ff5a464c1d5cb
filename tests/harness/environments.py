"""An environment for each distinct list of requirements: made once, and kept between runs.

Services whose lists are equal share one. None holds what its services do not ask for, so that an
import is missing here where it would be missing there; what is shared is uv's cache.
"""

import hashlib
import json
import platform
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness.paths import CACHE, uv
from tests.harness.process import environment, run

ENVIRONMENTS = CACHE / "environments"


def environment_for(tree: Path, home: Path = ENVIRONMENTS) -> Path:
    """Give the environment of a rendered service, made below `home` where there is none yet.

    It holds the newest releases of the day when it was made; `make proof` installs each variant
    anew.

    Raises:
        CommandError: with what uv said, where it cannot be made.
    """
    place = home / key_of(tree)
    # Written last: an environment without it is half made, and begun again.
    is_made = place / "is-made"
    with locked(place):
        if not is_made.exists():
            make(place, tree)
            is_made.touch()
    return place


def key_of(tree: Path) -> str:
    """Name an environment after all that decides what is in it."""
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))
    requirements = [
        sorted(project["project"]["dependencies"]),
        sorted(project["dependency-groups"]["dev"]),
        platform.python_version(),
    ]
    return hashlib.sha256(json.dumps(requirements).encode()).hexdigest()[:16]


def make(place: Path, tree: Path) -> None:
    """Install what a service requires, and not the service: its code is read where it lies."""
    env = environment({})
    lists = ["--requirements", "pyproject.toml", "--group", "dev"]
    run([uv(), "venv", "--clear", "--python", sys.executable, str(place)], cwd=tree, env=env)
    run([uv(), "pip", "install", "--python", str(place), *lists], cwd=tree, env=env)


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """Keep every other process of the test run from making the same environment."""
    import fcntl  # not on Windows, where trees are rendered and read, and no tool is run

    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def site_packages(place: Path) -> Path:
    """Find where an environment keeps what is installed in it."""
    (found,) = place.glob("lib/python*/site-packages")
    return found


def pinned(pins: Path) -> Path:
    """Give the environment of tools that a folder pins in requirements.txt, made once."""
    requirements = pins / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = CACHE / f"{pins.name}-python-{digest}"
    is_made = place / "is-made"
    with locked(place):
        if not is_made.exists():
            env = environment({})
            make = [uv(), "venv", "--quiet", "--clear", "--python", sys.executable, str(place)]
            run(make, cwd=pins, env=env)
            install = [uv(), "pip", "install", "--quiet", "--python", str(place)]
            run([*install, "--no-deps", "--requirements", str(requirements)], cwd=pins, env=env)
            is_made.touch()
    return place

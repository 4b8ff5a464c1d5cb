"""Where things are in this checkout."""

import getpass
import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template"
CACHE = ROOT / ".cache"


def mypy_cache() -> Path:
    """Give the cache that this process of the test run has for itself: it is a database."""
    return CACHE / "mypy" / os.environ.get("PYTEST_XDIST_WORKER", "master")


def inner_root() -> str:
    """Give the folder in which a pytest that this test run starts keeps its temporary files.

    Each session of pytest closes its root to other users; the PostgreSQL of a wheel, which runs as
    another user below the root of this run, would lose its own programs.
    """
    root = Path(tempfile.gettempdir()) / f"drydock-{getpass.getuser()}"
    root.mkdir(mode=0o700, exist_ok=True)
    return str(root)


def uv() -> str:
    """Find uv as the Makefile does: on PATH, or the one that `tools/uv` fetched."""
    found = shutil.which("uv", path=os.pathsep.join([os.environ["PATH"], str(CACHE / "bin")]))
    if found is None:
        raise LookupError("uv is neither on PATH nor in .cache/bin: run `tools/uv --version` once")
    return found

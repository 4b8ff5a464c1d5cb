"""The service's own environment and lock file, made by uv."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from drydock.errors import one_line


def install(folder: Path) -> str:
    """Run `uv sync`, which writes `uv.lock` and `.venv`.

    A service that cannot be installed now (no uv, no network) is complete all the same.

    Returns:
        Why it is not installed; empty when it is.
    """
    if not (folder / "pyproject.toml").is_file():
        return "it has no pyproject.toml"  # uv would take that of a folder above
    uv = shutil.which("uv")
    if uv is None:
        return "uv is not on the PATH, see https://docs.astral.sh/uv"
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    done = subprocess.run(
        [uv, "sync", "--quiet", "--no-progress"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return ""
    shutil.rmtree(folder / ".venv", ignore_errors=True)
    return f"uv says: {reason(done.stderr)}"


def reason(words: str) -> str:
    """Pick the first complaint of uv, without its drawing; the rest is seen on a second run."""
    text = one_line(re.sub(r"[^\x20-\x7e]+", " ", words))
    return text if len(text) <= 160 else text[:159].rsplit(" ", 1)[0] + " …"

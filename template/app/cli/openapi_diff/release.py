"""The last release: the newest tag that is a version, and the OpenAPI document of its code."""

import json
import os
import re
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.cli.program import ProgramError, output_of

VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")
# What would have uv take the environment of this service for that of its last release.
OURS = {"VIRTUAL_ENV", "UV_PROJECT", "UV_PROJECT_ENVIRONMENT", "UV_NO_SYNC", "UV_LOCKED"}


def newest() -> str | None:
    """Find the newest version among the tags behind the commit that is checked out.

    Raises:
        ProgramError: outside of a repository, and in a clone that may lack its tags.
    """
    tags = output_of("git", "tag", "--merged", "HEAD").split()
    versions = {tag: found[1] for tag in tags if (found := VERSION.fullmatch(tag))}
    if versions:
        return max(versions, key=lambda tag: [int(part) for part in versions[tag].split(".")])
    if output_of("git", "rev-parse", "--is-shallow-repository").strip() == "true":
        raise ProgramError("A shallow clone may lack the tags of releases: fetch all of it.")
    return None


def document_at(release: str) -> dict[str, Any]:
    """Have the code of a release print its document, in an environment of its own uv.lock.

    Raises:
        ProgramError: where it cannot: there is no such release, say, or it has no uv.lock.
    """
    with TemporaryDirectory() as folder:
        archive, code = Path(folder) / "code.zip", Path(folder) / "code"
        output_of("git", "archive", "--format=zip", f"--output={archive}", release)
        shutil.unpack_archive(archive, code)
        env = {name: value for name, value in os.environ.items() if name not in OURS}
        python = ("--frozen", "--no-dev", "--python", sys.executable)
        printed = output_of("uv", "run", *python, "app", "openapi", cwd=code, env=env)
    document: dict[str, Any] = json.loads(printed)
    return document

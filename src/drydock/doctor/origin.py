"""Where a service comes from: its answers file, and its template as `drydock status` finds it."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from drydock.doctor.asking import Answer, Inquiry
from drydock.doctor.finding import Finding, failed, ok, warning
from drydock.errors import Refused
from drydock.update.service import ANSWERS, recorded

RESTORE = f"git checkout HEAD -- {ANSWERS}"


def answers_file(folder: Path) -> tuple[Finding, dict[str, Any] | None]:
    """Read the answers file; what it says is None where it is not usable."""
    try:
        found = recorded(folder)
    except Refused as error:
        return failed("answers", str(error), RESTORE), None
    says = f"{ANSWERS}: {found['_src_path']} at {found['_commit']}"
    return ok("answers", says), found


def template(folder: Path) -> Inquiry:
    """Ask how far the service is behind, in a process that can be ended where that hangs."""
    command = (sys.executable, "-m", "drydock", "status", "--json", str(folder))
    return Inquiry("template", command, os.environ, conclude)


def conclude(answer: Answer) -> Finding:
    """Say what a status comes to."""
    name = "template"
    try:
        (status,) = json.loads(answer.out)
    except ValueError:
        return failed(name, answer.reason, "drydock status")
    newest = status["newest"] or "none yet"
    if status["problem"]:
        return failed(name, status["problem"], "drydock status")
    if status["conflicts"]:
        return failed(name, f"in conflict: {', '.join(status['conflicts'])}", "git status")
    if status["update"]:
        says = f"the update to {status['update']['version']} is not committed"
        return warning(name, says, "git commit", "drydock update --abort")
    if behind := status["behind"]:
        noun = "release" if len(behind) == 1 else "releases"
        says = f"{status['version']} is {len(behind)} {noun} behind {newest}"
        return warning(name, says, "drydock update --dry-run")
    return ok(name, f"{status['version']}, newest release: {newest}")

"""`drydock doctor`: what is amiss with a service on this machine, and what to type."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from drydock import display
from drydock.doctor import origin, ports, project, servers, table
from drydock.doctor import settings as env
from drydock.doctor.asking import Asked, Inquiry
from drydock.doctor.finding import Finding, Verdict
from drydock.doctor.tools import tools
from drydock.errors import Refused
from drydock.update.service import ANSWERS, near


def doctor(path: Path, *, as_json: bool, seconds: float) -> int:
    """Look at everything, for so many seconds at most, and tell.

    Returns:
        The exit code: 1 where something failed, else 0.

    Raises:
        Refused: for a path that is no folder.
    """
    if not path.is_dir():
        what = "is no folder" if path.exists() else "does not exist"
        raise Refused(f"{str(path)!r} {what}: give the folder of a service.")
    folder = path.resolve()
    deadline = time.monotonic() + seconds
    with display.working("Looking"):
        is_service = (folder / ANSWERS).is_file()
        findings = list(look(folder, deadline) if is_service else tools(folder))
    if as_json:
        listed = {"path": str(path), "service": is_service, "findings": list(map(asdict, findings))}
        print(json.dumps(listed, indent=2, ensure_ascii=False))
    else:
        table.show(findings)
        if not is_service:
            display.warn(f"{str(folder)!r} is no service, so only tools were seen{near(folder)}.")
    return int(any(each.verdict is Verdict.FAILED for each in findings))


def look(folder: Path, deadline: float) -> Iterator[Finding]:
    """Look at a service; what takes long is asked first, and waited for at the end."""
    has_uv, has_git = shutil.which("uv") is not None, shutil.which("git") is not None
    answers, recorded = origin.answers_file(folder)
    settings = env.read(folder)
    known: list[Finding | Inquiry] = []
    if recorded and has_git:
        known.append(origin.template(folder))
    if settings and has_uv:
        known += servers.servers(folder, settings)
    with ExitStack() as running:
        asked = [
            (each, running.enter_context(Asked(each.command, folder, each.environment)))
            if isinstance(each, Inquiry)
            else each
            for each in known
        ]
        yield from tools(folder)
        version = str((recorded or {}).get("python_version", ""))
        yield from project.project(folder, has_uv=has_uv, python_of_answers=version)
        if has_git:
            yield project.repository(folder)
        yield answers
        if settings:
            yield from env.settings(settings)
        yield ports.port(settings)
        for each in asked:
            if isinstance(each, Finding):
                yield each
            else:
                inquiry, process = each
                yield inquiry.finding(process.answer(deadline - time.monotonic()))

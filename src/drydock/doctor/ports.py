"""The port that a service listens on."""

import os

import psutil

from drydock.doctor.finding import Finding, failed, ok, warning
from drydock.doctor.settings import Settings

FIRST = 8000  # the one that `make dev` tries first, and `app serve` takes


def port(settings: Settings | None) -> Finding:
    """See that it is free, or who has it."""
    text = settings.values.get("PORT", "") if settings else os.environ.get("PORT", "")
    if text and not text.isdigit():
        return failed("port", f"PORT is no number: {text!r}", "unset PORT")
    number = int(text or FIRST)
    holders = holders_of(number)
    if holders is None:
        return ok("port", f"{number}: this system does not tell who listens")
    if not holders:
        return ok("port", f"{number} is free")
    says = f"{number} is taken by {', '.join(holders)}; `make dev` takes the next that is free"
    return warning("port", says, f"make dev PORT={number + 1}")


def holders_of(number: int) -> list[str] | None:
    """Name the processes that listen on a port; None where the system does not tell."""
    try:
        found = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return None
    return sorted(
        {
            named(each.pid)
            for each in found
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == number
        }
    )


def named(pid: int | None) -> str:
    """Name a process."""
    if pid is None:
        return "a process of somebody else"
    try:
        return f"{psutil.Process(pid).name()} ({pid})"
    except psutil.Error:
        return f"process {pid}"

"""`drydock status`: where services stand, each one by itself, whatever is wrong with another."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from drydock import display
from drydock.errors import Refused
from drydock.repository import check_git
from drydock.status import table
from drydock.status.spreading import spread
from drydock.status.state import Status, Task, look, unreadable
from drydock.status.upstream import Upstreams
from drydock.update import service
from drydock.update.service import ANSWERS


def status(paths: Sequence[Path], *, as_json: bool) -> int:
    """Show where services stand.

    Returns:
        The exit code of the worst: 2 for one that cannot be told, 1 where something is to do.

    Raises:
        Refused: without Git.
    """
    check_git()
    with tempfile.TemporaryDirectory(prefix="drydock-") as place:
        found = survey(list(services(paths)), Path(place))
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
    else:
        table.show(found)
    return max(each.code for each in found)


def services(paths: Sequence[Path]) -> Iterator[Path]:
    """Give each service once: those that are named, and those directly below a named folder.

    A folder with neither is given too, to be told what it lacks.
    """
    seen = set()
    for path in paths:
        for each in below(path) or [path]:
            if each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def below(path: Path) -> list[Path]:
    """Name the services directly below a folder that is none itself."""
    try:
        is_service = (path / ANSWERS).is_file()
        return [] if is_service else [file.parent for file in sorted(path.glob(f"*/{ANSWERS}"))]
    except OSError:
        return []  # to open it will say why


def survey(paths: Sequence[Path], place: Path) -> list[Status]:
    """Find out where each service stands; `place` is a folder for temporary files."""
    known: dict[str, Status] = {}
    tasks = []
    upstreams = Upstreams(place)
    for path in paths:
        name = str(path)
        status = Status(name)
        try:
            opened = service.find(path)
            status = Status(name, opened.source, opened.version)
            tasks.append(Task(name, opened, upstreams.edition_of(opened), place))
        except Refused as error:
            status = replace(status, problem=str(error))
        except OSError as error:
            status = replace(status, problem=unreadable(error))
        known[name] = status
    tasks.sort(key=lambda task: str(task.edition.folder))  # what is loaded for one serves the next
    with (
        spread(look, tasks) as looked_at,
        display.counting("Looking at service", len(tasks)) as step,
    ):
        for each in looked_at:
            known[each.path] = each
            step()
    return list(known.values())

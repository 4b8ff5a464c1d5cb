"""An update that is killed, wherever it is: the tree is the old one, the new one, or comes back."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness.process import environment, finish, start
from tests.harness.releases import git
from tests.updating import (
    FILES,
    Content,
    Owner,
    built,
    drydock,
    quiet_home,
    small_releases,
    state,
)

IS_SOAK = settings.get_current_profile_name() == "soak"
NUMBERS = range(24)
# Git writes each of these in 20 ms, and so the writing takes long enough to be met.
SLOW = '[filter "slow"]\n\tclean = cat\n\tsmudge = "sleep 0.02; cat"\n'
BEFORE: dict[str, Content] = {f"many/{number}.txt": f"text {number}\n" * 9 for number in NUMBERS}
SWAPPED: dict[str, Content] = {"many/file": "a file\n" * 9, "many/folder/file": "in a folder\n" * 9}
CHANGES: dict[str, Content] = {
    **{f"many/{number}.txt": None for number in NUMBERS[::4]},
    **{f"many/{number}.txt": f"other {number}\n" for number in NUMBERS[1::4]},
    **{f"many/more/{number}.txt": f"more {number}\n" for number in NUMBERS[2::4]},
    **{"many/file": None, "many/file/below": "below\n" * 9},
    **{"many/folder/file": None, "many/folder": "no folder\n" * 9},
    "notes.txt": "theirs\n",
}


@dataclass(frozen=True)
class Kept:
    """A service before an update, to be copied, and what the update makes of it."""

    owner: Owner
    before: dict[str, object]
    after: dict[str, object]
    seconds: float

    def copy(self, place: Path) -> Path:
        return Path(shutil.copytree(self.owner.service, place / "harbour", symlinks=True))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    place = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:
        quiet_home(patch, place / "home")
        template = small_releases(place / "template", dict(FILES) | BEFORE | SWAPPED)
        owner = Owner(template, built(template, place / "harbour"))
        with (owner.service / ".git/config").open("a", encoding="utf-8") as config:
            config.write(SLOW)
        owner.commit({"notes.txt": "mine\n", ".gitattributes": "many/** filter=slow\n"})
        owner.release(CHANGES)
        before = state(owner.service)
        begin = time.monotonic()
        run(owner.service).wait()
        seconds = time.monotonic() - begin
        after = state(owner.service)
        assert drydock("update", str(owner.service), "--abort").code == 0
        assert state(owner.service) == before
        assert after != before
        yield Kept(owner, before, after, seconds)


def run(service: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Begin an update in a process group of its own; what it leaves is beside the service."""
    temporary = service.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    return start(
        [sys.executable, "-m", "drydock", "update", str(service), "--no-checks", *options],
        cwd=service,
        env=environment({"TMPDIR": str(temporary)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Kill a process and all that it started, after a while."""
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)


def wait_for(look: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait until something is so, without a pause, while a process runs."""
    while not look():
        assert process.poll() is None, "it ended before"


def journal_of(service: Path) -> Path:
    return service / ".git/drydock/update.json"


def anywhere(kept: Kept, service: Path, chance: random.Random) -> None:
    kill(run(service), chance.uniform(0, kept.seconds))


def while_it_writes(_: Kept, service: Path, chance: random.Random) -> None:
    """From the journal on, or once one of the files is there."""
    process = run(service)
    points = [journal_of(service), *(service / name for name in CHANGES if "/more/" in name)]
    wait_for(chance.choice(points).exists, process)
    kill(process, chance.uniform(0, 0.03))


def while_it_goes_back(_: Kept, service: Path, chance: random.Random) -> None:
    assert drydock("update", str(service), "--no-checks").code == 1
    begun = journal_of(service).stat().st_mtime_ns
    process = run(service, "--abort")
    wait_for(lambda: journal_of(service).stat().st_mtime_ns > begun, process)
    points = [
        journal_of(service),
        *(service / name for name in BEFORE if CHANGES.get(name, 1) is None),
    ]
    wait_for(chance.choice(points).exists, process)
    kill(process, chance.uniform(0, 0.03))


Way = Callable[[Kept, Path, random.Random], None]
# How often each of them is tried: 5 times here, 50 times in a soak.
WAYS: dict[Way, tuple[int, int]] = {
    anywhere: (1, 10),
    while_it_writes: (3, 30),
    while_it_goes_back: (1, 10),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_killed(way: Way, kept: Kept, tmp_path: Path) -> None:
    met: Counter[str] = Counter()
    for number in range(WAYS[way][IS_SOAK]):
        service = kept.copy(tmp_path / str(number))
        way(kept, service, random.Random(number))
        met[look(kept, service)] += 1
        shutil.rmtree(service.parent)
    print(f"{way.__name__}: the tree was", dict(met))
    assert way is anywhere or met["between"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_it_is_too_late_to_stop_while_it_writes(
    number: signal.Signals, kept: Kept, tmp_path: Path
) -> None:
    service = kept.copy(tmp_path)
    process = run(service)
    wait_for(journal_of(service).exists, process)
    os.killpg(process.pid, number)
    assert process.wait(timeout=60) == 1  # of the conflict
    finish(process)
    assert state(service) == kept.after
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_before_it_writes(
    number: signal.Signals, code: int, kept: Kept, tmp_path: Path
) -> None:
    service = kept.copy(tmp_path)
    process = run(service)
    merging = (tmp_path / "temporary").glob
    wait_for(lambda: any(merging("drydock-*/service")), process)
    os.killpg(process.pid, number)
    assert process.wait(timeout=60) == code
    finish(process)
    assert state(service) == kept.before
    assert not journal_of(service).exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def look(kept: Kept, service: Path) -> str:
    """See that nothing is lost, and say what the kill met."""
    found, has_journal = state(service), journal_of(service).exists()
    met = "old" if found == kept.before else "new" if found == kept.after else "between"
    if not has_journal:
        assert met == "old"
    else:
        again = drydock("update", str(service), "--no-checks")
        assert again.code == 2
        assert "--abort" in again.err or "uncommitted work" in again.err
        done = drydock("update", str(service), "--abort")
        assert done.code == 0, done
    assert state(service) == kept.before
    assert git(service, "status", "--porcelain") == ""
    assert drydock("update", str(service), "--no-checks").code == 1
    assert state(service) == kept.after
    return met

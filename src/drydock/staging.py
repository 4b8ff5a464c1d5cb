"""A service is built beside its place and moved there once it is complete."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from drydock.errors import Refused


def check_free(destination: Path) -> None:
    """Refuse a place that holds something, or that no folder can be made at.

    Raises:
        Refused: naming what is in the way. An empty folder is fine.
    """
    try:
        taken = next(part for part in (destination, *destination.parents) if os.path.lexists(part))
        if not taken.is_dir():
            what = "is a file" if taken.exists() else "is a link to nothing"
            raise Refused(f"{str(taken)!r} {what}, not a folder: choose another path.")
        if taken == destination and any(destination.iterdir()):
            raise Refused(
                f"{str(destination)!r} is not empty: choose a new path, or empty the folder."
            )
    except OSError as error:
        raise refusal(destination, error) from error


def claim(destination: Path) -> None:
    """See that a service can be built at a place, and leave the place as it was.

    Raises:
        Refused: saying why not.
    """
    check_free(destination)
    with Staging(destination):
        pass


def refusal(place: Path, error: OSError) -> Refused:
    """Say that a place cannot be written, and why."""
    return Refused(
        f"{str(place)!r} cannot be written ({error.strerror or error}): choose another path."
    )


class Staging:
    """A hidden folder beside the destination, on its file system, so that moving is a rename.

    `folder` carries the destination's own name, which Copier offers to templates. Whatever was
    made, parents included, is gone at the end of the `with` block unless `keep` was called.
    """

    def __init__(self, destination: Path) -> None:
        """Take note of the place; nothing is written yet."""
        self.destination = destination
        self._existed = destination.is_dir()
        self._made: list[Path] = []
        self._root: Path | None = None
        self._kept = self._placed = False

    def __enter__(self) -> Self:
        """Make the folder, and the parents that are missing.

        Raises:
            Refused: where it cannot be written.
        """
        try:
            for parent in reversed(self.destination.parents):
                if not parent.exists():
                    parent.mkdir()
                    self._made.append(parent)
            self._root = Path(tempfile.mkdtemp(prefix=".drydock-", dir=self.destination.parent))
            self.folder.mkdir()
            if self._existed and not os.access(self.destination, os.W_OK):
                raise PermissionError(None, "Permission denied")
        except OSError as error:
            self._clear()
            raise refusal(self.destination, error) from error
        except BaseException:
            self._clear()
            raise
        return self

    @property
    def folder(self) -> Path:
        """The folder to build in."""
        assert self._root is not None
        return self._root / self.destination.name

    def place(self) -> None:
        """Move the finished service to its destination.

        A folder that was there is filled, not replaced: a shell may stand in it.

        Raises:
            Refused: when somebody has put something there meanwhile.
        """
        try:
            with undisturbed():
                check_free(self.destination)
                if not self._existed:
                    self.folder.rename(self.destination)
                self._placed = True
                if self._existed:
                    for entry in self.folder.iterdir():
                        entry.rename(self.destination / entry.name)
        except OSError as error:
            raise refusal(self.destination, error) from error

    def keep(self) -> None:
        """Let the destination stay."""
        self._kept = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the staging folder, and unless it is kept everything else that was made."""
        self._clear()

    def _clear(self) -> None:
        with undisturbed():
            if self._root is not None:
                shutil.rmtree(self._root, ignore_errors=True)
            if self._kept:
                return
            if self._placed:
                empty(self.destination)
                if not self._existed:
                    shutil.rmtree(self.destination, ignore_errors=True)
            for parent in reversed(self._made):
                with suppress(OSError):  # somebody else uses it by now
                    parent.rmdir()


def empty(folder: Path) -> None:
    """Remove all that a folder holds."""
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Go on to the end, whoever presses Ctrl-C or asks to end."""
    numbers = {getattr(signal, name, signal.SIGINT) for name in ("SIGINT", "SIGTERM", "SIGHUP")}
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    masks = hasattr(signal, "pthread_sigmask")  # Windows has none
    # Git heeds a signal that it is to ignore, but not one that is blocked.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, numbers) if masks else ()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in before.items():
            signal.signal(number, handler)

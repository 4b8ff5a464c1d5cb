"""Which of the rendered files a path means: one of them, or all below a folder."""

import posixpath
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import PurePath, PurePosixPath

from drydock.errors import Refused
from drydock.series import File

# So many paths are named that may have been meant.
NEAR = 3


def normal(path: str) -> str:
    """Write a path as rendered files have it; empty for all of them."""
    found = posixpath.normpath(PurePath(path).as_posix())
    return "" if found == "." else found


def chosen(path: str, files: Mapping[str, File]) -> dict[str, File]:
    """Give the file that a path means, or those below it."""
    return {
        name: file
        for name, file in sorted(files.items())
        if not path or name == path or name.startswith(f"{path}/")
    }


def check(path: str, *rendered: Mapping[str, File]) -> None:
    """See that a path means something in one of these.

    Raises:
        Refused: where it does not, with those that are like it.
    """
    if any(chosen(path, files) for files in rendered):
        return
    near = like(path, {name for files in rendered for name in files})
    hint = f"did you mean {', '.join(near)}?" if near else "leave it out to see what there is."
    raise Refused(f"there is no {path!r} with these answers: {hint}")


def like(path: str, files: set[str]) -> list[str]:
    """Name files and folders that are called the same, or almost."""
    folders = {str(each) for name in files for each in PurePosixPath(name).parents} - {"."}
    names = sorted(files | folders)
    same = [name for name in names if posixpath.basename(name) == posixpath.basename(path)]
    return (same or get_close_matches(path, names, n=NEAR))[:NEAR]

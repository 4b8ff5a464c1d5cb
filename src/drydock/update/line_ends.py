"""What the template renders, with the line ends that the owner has in each file."""

from pathlib import Path

from drydock.git import git, lines
from drydock.update.trees import Entry, Index, blob_of, content_of, entries, renamed


def as_owner_has(repository: Path, ours: str, base: str, theirs: str) -> tuple[str, str]:
    """Give both renderings carriage returns where the owner's file has them, under any name.

    Without them each line of such a file would differ on both sides.
    """
    carriage = with_carriage_returns(repository, ours)
    if not carriage:
        return base, theirs
    carriage |= {old for old, new in renamed(repository, base, ours) if new in carriage}
    carriage |= {new for old, new in renamed(repository, base, theirs) if old in carriage}
    return converted(repository, base, carriage), converted(repository, theirs, carriage)


def with_carriage_returns(repository: Path, tree: str) -> set[str]:
    """Name the files in which each line ends with a carriage return and a line feed."""
    with Index(repository, tree) as index:
        listed = git(
            repository, "ls-files", "--eol", "--cached", "-z", environment=index.environment
        )
    return {
        line.partition("\t")[2] for line in lines(listed) if line.split(maxsplit=1)[0] == "i/crlf"
    }


def converted(repository: Path, tree: str, paths: set[str]) -> str:
    """Give a tree in which the lines of these files end with both characters."""
    files = {path: entry for path, entry in entries(repository, tree).items() if path in paths}
    with Index(repository, tree) as index:
        return index.set(
            {
                path: Entry(each.mode, with_both(repository, each.blob))
                for path, each in files.items()
            }
        ).write()


def with_both(repository: Path, blob: str) -> str:
    """Keep a file once more, with a carriage return before each line feed."""
    content = content_of(repository, blob)
    if b"\0" in content:  # no text by now
        return blob
    return blob_of(repository, content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

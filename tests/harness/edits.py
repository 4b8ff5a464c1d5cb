"""Random work of an owner on a service: each line that it adds is one of a kind, and looked for."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from hypothesis import strategies as st

MIGRATIONS = "migrations/versions"
REVISION = re.compile(r'^(down_)?revision.* = "?(\w+)"?$', re.MULTILINE)
TOKEN = re.compile(rb"the owner's line \d+ of this service")
FEATURE = {
    "app/own/__init__.py": '"""Their own."""\n',
    "app/own/models.py": """from sqlmodel import Field

from app.core.models import Record


class Own(Record, table=True):
    text: str = Field(max_length=200)
""",
    "app/own/router.py": """from fastapi import APIRouter

from app.own.models import Own

router = APIRouter(prefix="/own", tags=["own"])


@router.get("")
async def list_own() -> list[str]:
    return [Own.__name__]
""",
    "app/features.py": """from app.core.feature import Feature

FEATURES: tuple[Feature, ...] = (Feature(router="app.own.router", models="app.own.models"),)
""",
    f"{MIGRATIONS}/2027-01-01_0123456789ab_own.py": '''"""own"""

revision = "0123456789ab"
down_revision = HEAD
branch_labels = depends_on = None


def upgrade() -> None:
    """Make the table of theirs."""


def downgrade() -> None:
    """Drop it."""
''',
}


@dataclass(frozen=True)
class Edit:
    """One thing that an owner does, to one of the files and at one of the places that there are."""

    kind: str
    file: int
    place: int


@dataclass
class Work:
    """The service that somebody works on, file by file.

    `hot` are the places that the template changes too: a file, and the number of a line. `breaks`
    tells whether a file is gone that others may need.
    """

    folder: Path
    files: Sequence[str]
    hot: Sequence[tuple[str, int]]
    breaks: bool = False
    numbers: Iterator[int] = field(default_factory=count)

    def do(self, edit: Edit) -> None:
        """Do one thing, if its file is there yet."""
        name, place = self.files[edit.file % len(self.files)], edit.place
        kind = edit.kind
        if kind == "beside":
            kind = ("add", "change", "remove")[place % 3]
            if self.hot:
                name, line = self.hot[edit.file % len(self.hot)]
                place = line + place // 3 % 3 - 1
        if (self.folder / name).is_file():
            KINDS[kind](self, name, place)

    def token(self) -> str:
        """Make words that are nowhere else."""
        return f"the owner's line {next(self.numbers)} of this service"

    def remark(self, name: str) -> str:
        """Make a line that changes nothing in what reads the file."""
        return f"{'##' if name.endswith('.mako') else '#'} {self.token()}"

    def lines(self, name: str) -> list[str]:
        """Read a file byte by byte; each line has its end with it."""
        text = (self.folder / name).read_bytes().decode("latin-1")
        return re.findall(r"[^\n]*\n|[^\n]+", text)

    def write(self, name: str, lines: Sequence[str]) -> None:
        """Write lines as they were read."""
        (self.folder / name).write_bytes("".join(lines).encode("latin-1"))

    def lost(self, name: str) -> None:
        """Take down that a file is gone."""
        self.breaks |= is_needed(name)


def is_needed(name: str) -> bool:
    """Tell whether what a service imports may stand in a file."""
    return name.startswith(("app/", "migrations/")) or name == "pyproject.toml"


def add(work: Work, name: str, place: int) -> None:
    lines = work.lines(name)
    lines.insert(place % (len(lines) + 1), f"{work.remark(name)}\n")
    work.write(name, lines)


def append(work: Work, name: str, place: int) -> None:
    """Add lines at the end; every other time the last one does not end."""
    end = "\n" * (place % 2)
    work.write(name, [*work.lines(name), f"\n{work.remark(name)}\n", work.remark(name) + end])


def change(work: Work, name: str, place: int) -> None:
    """Write another line for one; behind code comes a remark."""
    lines = work.lines(name) or [""]
    number = place % len(lines)
    old = lines[number].rstrip("\r\n")
    lines[number] = f"{old}  {work.remark(name)}\n" if is_needed(name) else f"{work.token()}\n"
    work.write(name, lines)


def remove(work: Work, name: str, place: int) -> None:
    """Take a line away; of what is imported, an empty one or a remark."""
    lines = work.lines(name)
    candidates = [
        number
        for number, line in enumerate(lines)
        if not is_needed(name) or not line.strip() or line.startswith("#")
    ]
    if candidates:
        del lines[min(candidates, key=lambda number: abs(number - place % len(lines)))]
        work.write(name, lines)


def end_lines_otherwise(work: Work, name: str, _: int) -> None:
    lines = [line.rstrip("\r\n") for line in work.lines(name)]
    work.write(name, [f"{line}\r\n" for line in (*lines, work.remark(name))])


def encode_otherwise(work: Work, name: str, place: int) -> None:
    """Add a line that is no UTF-8, where nobody reads the file as that."""
    if not name.endswith((".py", ".toml", ".yml", ".mako")):
        lines = work.lines(name)
        lines.insert(place % (len(lines) + 1), f"\xfc\xe4\xf6 {work.token()}\n")
        work.write(name, lines)


def create(work: Work, name: str, place: int) -> None:
    """Add a file beside another, with some of its lines; among modules it is none."""
    name, lines = beside(name, place), work.lines(name)
    name += ".txt" * is_needed(name)
    work.write(name, [f"{work.remark(name)}\n", *lines[: place % 3 * 9]])


def rename(work: Work, name: str, place: int) -> None:
    (work.folder / name).rename(work.folder / beside(name, place))
    work.lost(name)


def delete(work: Work, name: str, _: int) -> None:
    (work.folder / name).unlink()
    work.lost(name)


def beside(name: str, place: int) -> str:
    """Give a name in the same folder."""
    path = Path(name)
    return str(path.with_name(f"{path.stem}_own_{place % 100}{path.suffix}"))


KINDS: Mapping[str, Callable[[Work, str, int], None]] = {
    function.__name__: function
    for function in (
        *(add, append, change, remove, end_lines_otherwise, encode_otherwise),
        *(create, rename, delete),
    )
}
# Most work is on lines, and next to those that the template changes.
LIKELY = ("beside", "beside", "beside", "add", "add", "append", "change", "change", "remove")


@dataclass(frozen=True)
class Plan:
    """What an owner does between two versions, with or without a feature of their own."""

    versions: tuple[int, int]
    has_feature: bool
    edits: tuple[Edit, ...]


def plans(ways: Sequence[tuple[int, int]]) -> st.SearchStrategy[Plan]:
    """Draw what happens to a service on one of these ways, from a version to another."""
    number = st.integers(0, 9_999)
    edits = st.builds(Edit, st.sampled_from([*LIKELY, *KINDS]), number, number)
    return st.builds(
        Plan,
        st.sampled_from(ways),
        st.booleans(),
        st.lists(edits, min_size=1, max_size=40).map(tuple),
    )


def head_of(migrations: Path) -> str:
    """Give the revision after which a migration is added."""
    found = [REVISION.findall(file.read_text("utf-8")) for file in migrations.glob("*.py")]
    before = {name for each in found for down, name in each if down}
    (head,) = {str(name) for each in found for down, name in each if not down} - before
    return head


def add_feature(service: Path) -> None:
    """Add a table, its migration and a router, as the README of a service says."""
    head = head_of(service / MIGRATIONS)
    for name, text in FEATURE.items():
        (service / name).parent.mkdir(exist_ok=True)
        (service / name).write_text(text.replace("HEAD", repr(head)), encoding="utf-8")


def tokens(tree: Path, names: Iterable[str]) -> dict[bytes, set[str]]:
    """Find the owner's lines in the files of a tree: each with the files that it is in."""
    found: dict[bytes, set[str]] = {}
    for name in names:
        for token in TOKEN.findall((tree / name).read_bytes()):
            found.setdefault(token, set()).add(name)
    return found

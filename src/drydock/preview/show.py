"""Shows rendered files: a tree with their sizes, or one of them as it is."""

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

from rich.filesize import decimal
from rich.syntax import Syntax
from rich.text import Text
from rich.tree import Tree

from drydock.display import out
from drydock.series import File

# Columns by which a level of the tree is set in.
INDENT = 4


@dataclass(frozen=True)
class Size:
    """How much there is: files, lines, bytes."""

    files: int = 0
    lines: int = 0
    bytes: int = 0

    @classmethod
    def of(cls, file: File) -> Self:
        """Measure a file; what is no text has no lines."""
        return cls(1, 0 if is_binary(file) else file.content.count(b"\n"), len(file.content))

    def __add__(self, other: "Size") -> "Size":
        """Add up."""
        return Size(self.files + other.files, self.lines + other.lines, self.bytes + other.bytes)


def show(files: Mapping[str, File], path: str) -> None:
    """Show a file as it is, where the path is one, or else the tree below it."""
    if path in files:
        show_file(files[path], path)
        return
    inside = {name.removeprefix(f"{path}/"): file for name, file in files.items()}
    sizes = measured(inside)
    out.print(tree(f"{path}/", sizes))
    total = sizes[PurePosixPath()]
    noun = "file" if total.files == 1 else "files"
    out.print(f"\n{total.files} {noun}, {total.lines:,} lines, {decimal(total.bytes)}")


def show_file(file: File, path: str) -> None:
    """Print a file: its bytes, and on a terminal with colours of its language."""
    if out.is_terminal and is_binary(file):
        out.print(f"{path} is no text: {decimal(len(file.content))}")
    elif out.is_terminal:
        text = file.content.decode()
        lexer = Syntax.guess_lexer(path, text)
        code = Syntax("", lexer, theme="ansi_dark", background_color="default").highlight(text)
        out.print(code, soft_wrap=True, end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(file.content)


def is_binary(file: File) -> bool:
    """Tell, as Git does, whether it is no text."""
    return b"\0" in file.content


def measured(files: Mapping[str, File]) -> Mapping[PurePosixPath, Size]:
    """Measure each file and each folder, that of all of them included."""
    sizes: dict[PurePosixPath, Size] = defaultdict(Size)
    for name, file in files.items():
        path = PurePosixPath(name)
        for each in (path, *path.parents):
            sizes[each] += Size.of(file)
    return sizes


def tree(root: str, sizes: Mapping[PurePosixPath, Size]) -> Tree:
    """Draw files and folders, and what they hold below each other in columns."""
    entries = sorted((path for path in sizes if path.parts), key=lambda path: path.parts)
    folders = {parent for path in entries for parent in path.parents}
    width = max(INDENT * len(path.parts) + len(path.name) + 1 for path in entries)
    branches = {PurePosixPath(): Tree(Text(root, "bold"), guide_style="dim")}
    for path in entries:
        is_folder = path in folders
        name = path.name + "/" * is_folder
        gap = " " * (width - INDENT * len(path.parts) - len(name))
        size = f"{gap}{sizes[path].lines:>8,} {decimal(sizes[path].bytes):>9}"
        label = Text.assemble((name, "bold" if is_folder else ""), (size, "dim"), no_wrap=True)
        branches[path] = branches[path.parent].add(label)
    return branches[PurePosixPath()]

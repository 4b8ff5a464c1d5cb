"""Records `drydock new`, run for real in a terminal: docs/pictures/recording.svg.

python -m tools.recording

What is typed is in KEYS, and everything that is shown was printed. How long a moment is shown is
chosen for a reader, as is the name of the home folder: `~`.
"""

import os
import shutil
import tempfile
import termios
from collections.abc import Iterator
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import pyte

from drydock.source import DISTRIBUTION
from tests.command import Command, checkout, commit
from tests.harness import variants
from tests.harness.paths import ROOT, uv
from tests.harness.process import attempt
from tests.harness.screen import DOWN, ENTER, Screen
from tools.filmstrip import COLOURS, Lines, Moment, Run, strip

PICTURE = ROOT / "docs/pictures/recording.svg"
COLUMNS, ROWS = 80, 30
COMMAND = "drydock new"
# The answers that are typed; each other question gets Enter, its default.
KEYS = {"folder": "billing", "database": DOWN, "tasks": DOWN}
ANSWERS = {"database": "postgres", "tasks": "arq"}
TYPED, READ, SHOWN, END = 0.09, 0.55, 2.5, 6.0


class Recorder:
    """Takes down what a terminal shows."""

    def __init__(self, screen: Screen, home: str) -> None:
        self.screen, self.home = screen, home
        self.moments = list[Moment]()

    def type_command(self) -> None:
        """Show how the command is typed at the prompt of a shell."""
        for length in range(len(COMMAND) + 1):
            runs = (Run(0, "$ ", "green"), Run(2, COMMAND[:length], "bold"))
            self.moments.append(Moment((runs,), (0, 2 + length), TYPED))
        self.screen.show(f"\x1b[32m$ \x1b[0m\x1b[1m{COMMAND}\x1b[0m\r\n")

    def take(self, seconds: float) -> None:
        """Take down what is shown now."""
        cells = self.screen.cells
        self.moments.append(Moment(self.lines(), (cells.cursor.y, cells.cursor.x), seconds))

    def press(self, keys: str, until: str) -> None:
        """Press keys, each of which is shown, and wait for what follows."""
        for key in [keys] if keys == DOWN else keys:
            self.screen.type(key)
            self.screen.settle()
            self.take(TYPED)
        self.take(READ)
        self.screen.type(ENTER)
        self.screen.wait_for(until)

    def lines(self) -> Lines:
        """Give the lines as they look, with `~` for the home folder."""
        cells = self.screen.cells
        return tuple(tuple(self.runs(cells.buffer[row])) for row in range(cells.lines))

    def runs(self, row: "pyte.screens.StaticDefaultDict[int, pyte.screens.Char]") -> Iterator[Run]:
        """Give the cells of a line that look alike together."""
        column = 0
        for style, same in groupby((row[at] for at in range(COLUMNS)), key=style_of):
            text = "".join(char.data for char in same)
            shown = text.rstrip().replace(self.home, "~")
            if shown:
                indent = len(shown) - len(shown.lstrip())
                yield Run(column + indent, shown.lstrip(), style)
            column += len(text)


def style_of(char: pyte.screens.Char) -> str:
    """Name the classes of a cell."""
    colour = char.fg.removeprefix("bright")
    return " ".join([*([colour] if colour in COLOURS else []), *(["bold"] if char.bold else [])])


def recorded(place: Path) -> list[Moment]:
    """Run the interview in an empty home, to the end."""
    command = Command(place)
    template = checkout(command, place / "home/drydock")
    shutil.rmtree(template / "template")
    shutil.copytree(ROOT / "template", template / "template")
    shutil.copy(ROOT / "pyproject.toml", template)
    commit(command, template, version(DISTRIBUTION))
    command.env |= {
        "COLUMNS": str(COLUMNS),
        "LINES": str(ROWS),
        "TERM": "xterm-256color",
        # What is installed was fetched before; else most of the picture would be that.
        "UV_CACHE_DIR": attempt([uv(), "cache", "dir"], cwd=place, env=os.environ).output.strip(),
    }
    names = asked()
    with command.terminal("new") as (process, terminal):
        termios.tcsetwinsize(terminal.fileno(), (ROWS, COLUMNS))
        screen = Screen(terminal, COLUMNS, ROWS)
        recorder = Recorder(screen, str(place / "home"))
        recorder.type_command()
        screen.wait_for(f"{names[0]}:")
        for name, following in zip(names, [*names[1:], ""], strict=True):
            recorder.take(READ)
            recorder.press(KEYS.get(name, ""), f"{following}:" if following else "Build it?")
        recorder.take(SHOWN)
        screen.type(ENTER)
        screen.wait_for_words("make test", seconds=300)
        process.wait(30)
        recorder.take(END)
    return recorder.moments


def asked() -> list[str]:
    """Name what is asked with these answers, in its order."""
    with variants.interview() as found:
        asked = [each.name for each in found.questions if found.is_asked(each, ANSWERS)]
    return ["folder", *asked]


def main() -> None:
    """Record it."""
    with tempfile.TemporaryDirectory(prefix="drydock-") as place:
        moments = recorded(Path(place))
    said = "drydock new asks its questions in groups, shows the answers, and builds the service"
    PICTURE.write_text(strip(moments, COLUMNS, said), encoding="utf-8")


if __name__ == "__main__":
    main()

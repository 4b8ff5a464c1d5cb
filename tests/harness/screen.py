"""A terminal as somebody sees it: what was sent to it is drawn, and keys are typed at it."""

import os
import select
import time
from collections.abc import Callable
from typing import IO

import pyte

ENTER, DOWN, CTRL_C, CTRL_D, CLEAR = "\r", "\x1b[B", "\x03", "\x04", "\x15"
# Wider than what the command is told, so that a line that is too long for 80 columns is seen.
COLUMNS, LINES = 200, 400


class Screen:
    """What a command on a terminal shows; `sent` has every byte that came."""

    def __init__(self, terminal: IO[bytes], columns: int = COLUMNS, lines: int = LINES) -> None:
        """Begin with nothing on it."""
        self.terminal = terminal
        self.sent = b""
        self.cells = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.cells)

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty, as they are now."""
        return [line.rstrip() for line in self.cells.display if line.strip()]

    @property
    def last(self) -> str:
        """The line that the cursor is in, as a prompt is."""
        return self.cells.display[self.cells.cursor.y].rstrip()

    def type(self, keys: str) -> None:
        """Press keys."""
        self.terminal.write(keys.encode())

    def show(self, text: str) -> None:
        """Show what no command has sent."""
        self._stream.feed(text.encode())

    def settle(self, seconds: float = 0.3) -> None:
        """Show what comes until nothing has come for so long."""
        while select.select([self.terminal], [], [], seconds)[0]:
            self._stream.feed(os.read(self.terminal.fileno(), 4096))

    def wait_for(self, prompt: str, seconds: float = 30) -> None:
        """Wait until the cursor is in a line with these words."""
        self._wait(lambda: prompt in self.last, prompt, seconds)

    def wait_for_words(self, words: str, seconds: float = 30) -> None:
        """Wait until these words are somewhere, in one line or wrapped."""
        self._wait(lambda: words in " ".join(map(str.strip, self.lines)), words, seconds)

    def _wait(self, seen: Callable[[], bool], words: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not seen():
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            shown = "\n".join(self.lines)
            assert ready, f"{words!r} did not come within {seconds} s, but:\n{shown}"
            try:
                came = os.read(self.terminal.fileno(), 4096)
            except OSError:  # the other side is closed
                came = b""
            assert came, f"{words!r} did not come, but:\n{shown}"
            self.sent += came
            self._stream.feed(came)

"""Many services of one template: it is compiled once, and rendered into memory.

For one service Copier does all of it anew (`rendering`), at ten times the cost, and most of that is
for files: here nothing is written. It is the same `Worker` that decides what comes out.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import jinja2
from copier._jinja_ext import SandboxedEnvironment, get_yield_context
from copier._main import Worker
from copier._template import Template as Origin
from copier._types import AnyByStrDict, Phase

from drydock.rendering import Template, unloadable
from drydock.source import Source

PLAIN, PROGRAM, LINK = "100644", "100755", "120000"


@dataclass(frozen=True)
class File:
    """A file as Git keeps it: its mode, and its bytes (those of a link name its target)."""

    mode: str
    content: bytes


class Sketch(Worker):
    """Copier's worker, which notes what it would write, and renders each part of a path once."""

    @cached_property
    def files(self) -> dict[str, File]:
        """What was rendered so far, without what the service would keep as it has it."""
        return {}

    @cached_property
    def _known(self) -> dict[str, str]:
        return {}

    @cached_property
    def _marks(self) -> list[str]:
        jinja = self.jinja_env
        marks = (jinja.variable_start_string, jinja.block_start_string, jinja.comment_start_string)
        return [*marks, *filter(None, (jinja.line_statement_prefix, jinja.line_comment_prefix))]

    def _render_allowed(
        self,
        dst_relpath: Path,
        is_dir: bool = False,
        is_symlink: bool = False,
        expected_contents: bytes | Path = b"",
        expected_mode: int | None = None,
    ) -> bool:
        if not is_dir and not self.match_skip(dst_relpath):
            mode = LINK if is_symlink else PROGRAM if (expected_mode or 0) & 0o100 else PLAIN
            content = (
                expected_contents
                if isinstance(expected_contents, bytes)
                else os.fsencode(expected_contents)
            )
            self.files[dst_relpath.as_posix()] = File(mode, content)
        return False

    def _render_string(self, string: str, extra_context: AnyByStrDict | None = None) -> str:
        if not any(mark in string for mark in self._marks):
            return string
        if extra_context:
            return super()._render_string(string, extra_context)
        return self._once(string, lambda: super(Sketch, self)._render_string(string))

    @property
    def answers_relpath(self) -> Path:
        """Where the answers file lies; Copier asks for it at each part of each path."""
        return Path(self._once("", lambda: str(super(Sketch, self).answers_relpath)))

    def _once(self, text: str, render: Callable[[], str]) -> str:
        if Phase.current() != Phase.RENDER:
            return render()  # not all answers are known
        if text not in self._known:
            self._known[text] = render()
        return self._known[text]


class Series:
    """A version of a template that lies in a folder, ready to be rendered for many services."""

    def __init__(self, source: Source, clone: Path) -> None:
        """Load it.

        Raises:
            Refused: where it is no template, or fails.
        """
        self.source = source
        self.origin = Origin(source.location, source.ref)
        self.origin.local_abspath = clone.resolve()
        try:
            self.jinja = compiling_once(self._worker(clone).jinja_env)
        except Exception as error:
            raise unloadable(source, error) from error

    def _worker(self, folder: Path) -> Sketch:
        worker = Sketch(
            self.source.location,
            folder,
            vcs_ref=self.source.ref,
            quiet=True,
            unsafe=True,
            skip_tasks=True,  # they would need the files
        )
        worker.template = self.origin
        return worker

    def files(
        self,
        folder: Path,
        answers: Mapping[str, Any],
        operation: Literal["copy", "update"] = "update",
    ) -> Mapping[str, File]:
        """Render what an update would, without what it leaves to the owner; or a new service.

        `folder` has the name of the service's. For an update its answers file is in it, and nothing
        else; for a new one it need not be there.

        Raises:
            Refused: when an answer is not valid, or the template fails.
        """
        worker = self._worker(folder)
        worker.jinja_env = self.jinja
        Template(worker, self.source, ()).render(answers, ask=False, operation=operation)
        return worker.files


def compiling_once(jinja: SandboxedEnvironment) -> SandboxedEnvironment:
    """Let an environment remember the texts that it compiled, as it does files."""
    compile_anew = jinja.from_string
    known: dict[str, jinja2.Template] = {}

    def from_string(text: str) -> jinja2.Template:
        # As if compiled again: what a `yield` in the last path left behind is gone.
        context = get_yield_context(jinja)
        context.yield_name = context.yield_iterable = None
        if text not in known:
            known[text] = compile_anew(text)
        return known[text]

    jinja.from_string = from_string  # type: ignore[method-assign, assignment]
    return jinja

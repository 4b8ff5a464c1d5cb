"""Copier asks and renders; this calls it, and turns its complaints into sentences.

`copier.run_copy` loads the template and starts to ask in one go, but an unknown answer has to be
refused before the first question. So this holds the `Worker` that `run_copy` is a thin wrapper of.
"""

import ast
import io
import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml
from copier._main import Worker, as_operation
from copier._tools import cast_to_bool
from copier._user_data import AnswersMap
from copier.errors import (
    CopierAnswersInterrupt,
    CopierWarning,
    DirtyLocalWarning,
    InteractiveSessionError,
    MissingFileWarning,
    UserMessageError,
)
from jinja2 import meta
from plumbum import ProcessExecutionError

from drydock.errors import Refused, one_line
from drydock.source import Source

INVALID = re.compile(r"Validation error for question '(\w+)': (.+)", re.DOTALL)
NO_CHOICE = re.compile(r"Invalid choice for '(\w+)': (.+) is not in (\[.*\])", re.DOTALL)
UNANSWERED = re.compile(r'Question "(\w+)" is required')
EDITED = re.compile(r"\S+ was edited by hand")  # what the template says of its answers file
UNKNOWN_REF = re.compile(r"Unknown revision|invalid reference", re.IGNORECASE)
# What Copier itself adds to the answers.
BUILT_IN = {"_copier_conf", "_copier_operation", "_copier_phase", "_external_data"}


@dataclass(frozen=True)
class Template:
    """A loaded template: its questions, and the version that the service will record."""

    worker: Worker
    source: Source
    notices: tuple[str, ...]

    @property
    def questions(self) -> Mapping[str, Mapping[str, Any]]:
        """The questions in the order in which they are asked."""
        questions: Mapping[str, Mapping[str, Any]] = self.worker.template.questions_data
        return questions

    @property
    def version(self) -> str:
        """The tag or commit as Copier names it; empty for a folder without Git."""
        return self.worker.template.commit or ""

    @property
    def interview(self) -> str:
        """The text of its copier.yml, with the comments that Copier does not read."""
        (file,) = self.clone.glob("copier.y*ml")
        return file.read_text(encoding="utf-8")

    def at(self, folder: Path) -> "Template":
        """Give the same version, to be rendered into another folder."""
        worker = Worker(
            self.source.location, folder, vcs_ref=self.source.ref, quiet=True, unsafe=True
        )
        worker.template = self.worker.template
        return replace(self, worker=worker)

    def names_in(self, text: str) -> set[str]:
        """Name the variables of a condition, without those that Copier adds to the answers."""
        names: set[str] = meta.find_undeclared_variables(self.worker.jinja_env.parse(text))
        return names - BUILT_IN

    @staticmethod
    def holds(result: str) -> bool:
        """Read what a condition gave as Copier does: not only `false`, but `no` and nothing too."""
        return cast_to_bool(result)

    def evaluated(self, text: str, answers: Mapping[str, Any]) -> str:
        """Evaluate a condition of copier.yml as Copier does after these answers."""
        worker = self.worker
        worker.answers = AnswersMap(
            user=dict(answers), metadata=worker.template.metadata, external=worker._external_data()
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MissingFileWarning)
            return worker.jinja_env.from_string(text).render(worker._render_context())

    @property
    def clone(self) -> Path:
        """The folder where Copier put this version; a Git repository, if the template is one."""
        folder: Path = self.worker.template.local_abspath
        return folder

    def paths_of(self, rendered: Collection[str]) -> dict[str, str]:
        """Name the template's file behind each of these rendered ones, after `render`."""
        root, names = self.worker.template_copy_root, {Path(each).name for each in rendered}
        found = {}
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            name = file.name.removesuffix(self.worker.template.templates_suffix)
            is_computed = self.worker.jinja_env.variable_start_string in name
            if name not in names and not is_computed:
                continue  # to render a path takes its time
            for place, _ in self.worker._render_path(file.relative_to(root)):
                if place.as_posix() in rendered:
                    found[place.as_posix()] = file.relative_to(self.clone).as_posix()
        return found

    def render(
        self,
        answers: Mapping[str, Any],
        *,
        ask: bool,
        operation: Literal["copy", "update"] = "copy",
        without: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Ask what is not answered, or take the defaults, and render.

        An answers file that lies in the folder already counts, and its questions are not asked
        again. `operation` is what the template is told, for what it renders once only; `without`
        are further patterns of files to leave out.

        Returns:
            The answers that the service records, in the order of the questions.

        Raises:
            Refused: when an answer is not valid, or the template fails.
        """
        self.worker.data = dict(answers)
        self.worker.defaults = not ask
        self.worker.exclude = without
        self.worker.overwrite = self.worker.skip_answered = True
        try:
            with warnings.catch_warnings():
                # A template may look at an earlier service's answers: a new one has none.
                warnings.simplefilter("ignore", MissingFileWarning)
                as_operation(operation)(self.worker.run_copy)()
        except CopierAnswersInterrupt as error:
            raise KeyboardInterrupt from error
        except InteractiveSessionError as error:
            raise Refused(
                "the interview needs a terminal: give answers with -d or --data-file, "
                "or take the defaults with --defaults."
            ) from error
        except Exception as error:
            raise self.refusal(error) from error
        return self._recorded()

    def _recorded(self) -> dict[str, Any]:
        file = self.worker.subproject.local_abspath / self.worker.answers_relpath
        recorded = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return {key: recorded[key] for key in self.questions if key in recorded}

    def refusal(self, error: Exception) -> Refused:
        """Say what was wrong, as far as Copier says it."""
        if refused := complaint(error):
            return refused
        if EDITED.match(str(error)):
            return Refused(one_line(str(error)))
        if found := UNANSWERED.fullmatch(str(error)):
            return Refused(f"{found[1]}: has no default, so answer it with -d {found[1]}=...")
        if isinstance(error, OSError):
            return Refused(f"the files cannot be written ({error}): choose another path.")
        return failed(self.source, error)


def complaint(error: Exception) -> Refused | None:
    """Say why an answer is not valid; None where that is not what is wrong."""
    if isinstance(error, Refused):
        return error
    if found := NO_CHOICE.fullmatch(str(error)):
        choices = ", ".join(str(choice) for choice in ast.literal_eval(found[3]))
        return Refused(f"{found[1]}: {found[2]} is not one of {choices}.")
    if found := INVALID.fullmatch(str(error)):
        return Refused(f"{found[1]}: {one_line(found[2])}")
    return None


@contextmanager
def loaded(source: Source, folder: Path) -> Iterator[Template]:
    """Load a template that is to be rendered into a folder, and drop its clone at the end.

    Raises:
        Refused: when there is no template, or no such ref.
    """
    with Worker(
        src_path=source.location, dst_path=folder, vcs_ref=source.ref, quiet=True, unsafe=True
    ) as worker:
        try:
            # Copier prints what it falls back to and what is wrong: both are said here, shorter.
            with redirect_stderr(io.StringIO()), warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", CopierWarning)
                questions = worker.template.questions_data
                is_versioned = worker.template.vcs is not None
                worker.template.commit  # noqa: B018, filled while Git is at hand
        except Exception as error:
            raise unloadable(source, error) from error
        if not questions:
            raise Refused(
                f"{source.location!r} is no template: it has no copier.yml with questions."
            )
        notices = [notice(warning.message) for warning in caught]
        if not is_versioned:
            notices.append(
                "the template is no Git repository: a later update will not find this version."
            )
        yield Template(worker, source, tuple(filter(None, notices)))


def notice(warning: Warning | str) -> str:
    """Say in one line what a warning of Copier means here; nothing for those of no interest."""
    if isinstance(warning, DirtyLocalWarning):
        return (
            "the template has uncommitted changes: they are rendered, "
            "but a later update will not find this version."
        )
    return one_line(str(warning)) if isinstance(warning, CopierWarning) else ""


def unloadable(source: Source, error: Exception) -> Refused:
    """Say why a template cannot be loaded."""
    words = error.stderr if isinstance(error, ProcessExecutionError) else str(error)
    if UNKNOWN_REF.search(words):
        return Refused(
            f"the template {source.location!r} has no ref {source.ref!r}: "
            "give one of its tags, branches or commits with --ref."
        )
    if isinstance(error, ProcessExecutionError):
        lines = [line for line in words.splitlines() if line.startswith(("fatal:", "error:"))]
        reason = one_line(lines[0] if lines else words)
        return Refused(f"the template {source.location!r} cannot be fetched ({reason}).")
    if "must be a directory" in words:
        return Refused(f"{source.location!r} is no template: it is not a folder.")
    return failed(source, error)


def failed(source: Source, error: Exception) -> Refused:
    """Say that the template itself is at fault."""
    kind = "" if isinstance(error, UserMessageError) else f"{type(error).__name__}: "
    return Refused(
        f"the template {source.location!r} fails ({kind}{one_line(str(error))}): "
        "report it to its authors, or choose another version with --ref."
    )

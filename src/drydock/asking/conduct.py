"""The interview from its first question to the word that the service may be built."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copier._user_data import Question
from rich.text import Text

from drydock.asking import prompts, summary
from drydock.asking.groups import groups
from drydock.asking.questionnaire import Questionnaire
from drydock.display import out
from drydock.rendering import Template
from drydock.staging import claim

WHERE = "Where does it go? A new or an empty folder; the service is called after it"


class Interview:
    """Asks, each group under its heading and each question after what it decides."""

    def __init__(self, template: Template, given: Mapping[str, Any]) -> None:
        """Take what the command line answers as it is."""
        self.template = template
        self.questionnaire = Questionnaire(template, dict(given))
        self.groups = groups(template.interview)
        self.headings = list(dict.fromkeys(self.groups[name] for name in template.questions))
        self.heading = ""

    def conduct(self, path: Path | None) -> tuple[Path, dict[str, Any]] | None:
        """Ask everything, and let it be corrected; nothing is written.

        Returns:
            The folder and the answers, or None where nothing is to be built.

        Raises:
            Refused: where the template fails.
            KeyboardInterrupt: on Ctrl-C, and where the input ends.
        """
        path = self.move(path or ask_folder())
        self.questionnaire.go_through(self.ask)
        while True:
            answers = self.questionnaire.answers
            summary.show(path, answers, self.groups)
            match summary.choice(list(answers)):
                case summary.BUILD:
                    return path, answers
                case summary.LEAVE:
                    return None
                case summary.FOLDER:
                    path = self.move(ask_folder())
                    self.correct()
                case name:
                    self.correct(name)

    def move(self, path: Path) -> Path:
        """Let the answers be for another folder."""
        self.questionnaire.template = self.template.at(absolute(path))
        return path

    def correct(self, name: str = "") -> None:
        """Ask one question again, and those that its answer brings; say what else changes."""
        before = self.questionnaire.answers
        self.heading = self.groups.get(name, "")
        self.questionnaire.go_through(self.ask, again=name)
        summary.changes(before, self.questionnaire.answers, name)

    def ask(self, question: Question, problem: str) -> Any:
        """Ask a question of the template."""
        heading = self.groups[question.var_name]
        if heading and heading != self.heading:
            self.heading = heading
            number = f"  {self.headings.index(heading) + 1} of {len(self.headings)}"
            out.print(Text.assemble("\n", (heading, "bold cyan"), (number, "dim")))
        if problem:
            out.print(Text(problem, "yellow"))
        if help := str(question.render_value(question.help)).strip():
            out.print(Text(help))
        return prompts.ask(question)


def ask_folder() -> Path:
    """Ask where the service goes."""
    out.print(Text(WHERE))
    return Path(prompts.ask_text(summary.FOLDER, lambda typed: claim(absolute(Path(typed)))))


def absolute(path: Path) -> Path:
    """Give the whole path as typed: links keep their name."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100

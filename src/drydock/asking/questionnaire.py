"""The questions of a template and what is answered to them, as far as it is known.

It is Copier's own `Question` that knows what is asked after which answers, the defaults, and what
is valid: so plain Copier asks the same, and takes the same answers.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from copier._main import as_operation
from copier._types import MISSING, Phase
from copier._user_data import AnswersMap, Question
from copier.errors import MissingFileWarning

from drydock.rendering import Template, complaint

# Gets the question, and what is wrong with the answer that there was; gives another one.
Ask = Callable[[Question, str], Any]


@dataclass
class Questionnaire:
    """Goes through the questions, again after each correction.

    `chosen` are the answers that stay, whatever else is corrected: those of the command line, and
    those that are not the default. Who took a default gets the new one where it changes. `answers`
    are all that a service records.
    """

    template: Template
    chosen: dict[str, Any]
    seen: set[str] = field(default_factory=set)
    answers: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Ask nothing that the command line answers."""
        self.seen |= self.chosen.keys()

    def go_through(self, ask: Ask, again: str = "") -> None:
        """Ask what is not answered, what is no longer valid, and `again`.

        Raises:
            Refused: where the template fails.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MissingFileWarning)
            try:
                as_operation("copy")(self._go_through)(ask, again)
            except (KeyboardInterrupt, EOFError):
                raise
            except Exception as error:
                raise self.template.refusal(error) from error

    def _go_through(self, ask: Ask, again: str) -> None:
        worker = self.template.worker
        worker.answers = AnswersMap(
            user_defaults=worker.user_defaults,
            metadata=worker.template.metadata,
            external=worker._external_data(),
        )
        self.answers = {}
        with Phase.use(Phase.PROMPT):
            for name, details in self.template.questions.items():
                question = self._question(name, details)
                if question.get_when():
                    answer = self.answers[name] = self._answer(question, ask, again == name)
                elif (answer := question.get_default()) is MISSING:
                    continue
                worker.answers.user[name] = answer

    def _question(self, name: str, details: Mapping[str, Any]) -> Question:
        worker = self.template.worker
        return Question(
            answers=worker.answers,
            context=worker._render_context(),
            jinja_env=worker.jinja_env,
            settings=worker.settings,
            var_name=name,
            **details,
        )

    def _answer(self, question: Question, ask: Ask, again: bool) -> Any:
        name, problem = question.var_name, ""
        try:
            default = question.get_default()
        except ValueError as error:
            default, problem = MISSING, str(complaint(error) or error)
            question = replace(question, default=MISSING)
        current = default
        if name in self.chosen:
            try:
                current, problem = question.parse_answer(self.chosen[name]), ""
                question.validate_answer(current)
            except ValueError as error:
                current, problem = default, str(complaint(error) or error)
        if name in self.seen and not again and not problem and current is not MISSING:
            return current
        with preset(question, current):
            answer = ask(question, problem if name in self.seen else "")
        self.seen.add(name)
        self.chosen[name] = answer
        if answer == default:
            del self.chosen[name]
        return answer


@contextmanager
def preset(question: Question, answer: Any) -> Iterator[None]:
    """Let a question begin with an answer; it is no template, as a default may be."""
    if answer is not MISSING:
        question.answers.init[question.var_name] = answer
    try:
        yield
    finally:
        question.answers.init.pop(question.var_name, None)

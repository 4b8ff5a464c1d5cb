"""What may vary in an interview: read from the template's questions, and never listed again.

A question with choices, or of yes and no, has values. One of free text is answered with texts that
have broken other templates, where its own validator takes them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drydock.errors import Refused, one_line
from drydock.rendering import Template

Answers = dict[str, Any]

# What people type, and what it has broken: quotes, braces, escapes, markup, other scripts, length.
HOSTILE = (
    r"""Ada's "Harbour" {desk} \ 港口 & co""",
    "o.hara+ci@sub.example.co",
    "harbour-desk-2",
    r"Berths: 100 % of \n <b>ships</b> ${HOME} `id` # | 🚢",
    "null",
    "x" * 40,
    "",
    "*Ада Лавлейс* × {0} %(x)s — [a](b), - 'yes'",  # noqa: RUF001, letters that look like others
)


@dataclass(frozen=True)
class Question:
    """A question as copier.yml defines it; `values` is empty for one of free text.

    `follows` names the questions before it that may decide whether it is asked or what it takes.
    """

    name: str
    values: tuple[Any, ...]
    default: Any
    when: str
    validator: str
    follows: tuple[str, ...] = ()


class Interview:
    """The questions of a template, in their order; those that only compute a value are left out."""

    def __init__(self, template: Template) -> None:
        """Read the questions.

        Raises:
            Refused: for one that cannot be varied.
        """
        self.template = template
        self.questions: list[Question] = []
        self.known: dict[tuple[Any, ...], str] = {}
        for name, details in template.questions.items():
            when = str(details.get("when", True))
            if not template.names_in(when) and not template.holds(when):
                continue  # Copier's way to compute a value: nobody is asked
            self.questions.append(
                Question(
                    name,
                    values_of(name, details),
                    details.get("default", ""),
                    when,
                    details.get("validator", ""),
                    self.decided_by(f"{when}{details.get('validator', '')}", except_for=name),
                )
            )

    def decided_by(self, text: str, *, except_for: str) -> tuple[str, ...]:
        """Name the varied questions before this one that a condition depends on.

        A name that is no question may be a fact made from any of them.
        """
        varied = [question.name for question in self.varied]
        known = {*varied, *(question.name for question in self.texts), except_for}
        names = self.template.names_in(text)
        if names - known:
            return tuple(varied)
        needed = {
            each
            for question in self.varied
            if question.name in names
            for each in (question.name, *question.follows)
        }
        return tuple(name for name in varied if name in needed)

    @property
    def varied(self) -> list[Question]:
        """The questions whose answers are variants."""
        return [question for question in self.questions if question.values]

    @property
    def texts(self) -> list[Question]:
        """The questions of free text: who a service is."""
        return [question for question in self.questions if not question.values]

    def is_asked(self, question: Question, given: Mapping[str, Any]) -> bool:
        """Say whether Copier asks a question after these answers."""
        return self.template.holds(self.evaluated(question, question.when, given))

    def refusal(self, question: Question, value: Any, given: Mapping[str, Any]) -> str:
        """Give what the validator of a question says to a value; nothing where it takes it."""
        answers = {**given, question.name: value}
        return self.evaluated(question, question.validator, answers).strip()

    def allows(self, question: Question, row: Mapping[str, Any]) -> bool:
        """Say whether a row may hold what it holds for a question: None where it is not asked."""
        value = row[question.name]
        if not self.is_asked(question, row):
            return value is None
        return value is not None and not self.refusal(question, value, row)

    def evaluated(self, question: Question, text: str, given: Mapping[str, Any]) -> str:
        """Evaluate a condition after these answers, with the default of every other question.

        Raises:
            Refused: where it fails.
        """
        needed = (question.name, *question.follows)
        answered = {name: given[name] for name in needed if given.get(name) is not None}
        key = (text, *answered.items())
        if key in self.known:
            return self.known[key]
        defaults = {each.name: each.default for each in self.questions}
        try:
            return self.known.setdefault(key, self.template.evaluated(text, defaults | answered))
        except Exception as error:
            raise Refused(
                f"the question {question.name} of {self.template.source.location!r} cannot be "
                f"varied: its condition {one_line(text)!r} fails ({one_line(str(error))})."
            ) from error

    def hostile(self, question: Question) -> list[str]:
        """Give the hostile texts that a question of free text takes.

        Raises:
            Refused: where it takes none.
        """
        taken = [text for text in HOSTILE if not self.refusal(question, text, {})]
        if not taken:
            raise Refused(
                f"the question {question.name} takes none of the texts that variants are tried "
                "with: let its validator take one, or add one to HOSTILE in drydock.variants."
            )
        return taken


def values_of(name: str, details: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give every answer that a question offers, in its order, and nothing for one of free text.

    Raises:
        Refused: for a question that offers none and is no text.
    """
    kind, choices = details.get("type", "str"), details.get("choices")
    if isinstance(choices, str) or details.get("multiselect"):
        what = "its choices are computed" if isinstance(choices, str) else "it takes many at once"
        raise Refused(f"the question {name} cannot be varied: {what}. List choices, to take one.")
    if choices:
        return tuple(each_choice(choices))
    if kind == "bool":
        return (True, False)
    if kind == "str":
        return ()
    raise Refused(f"the question {name} cannot be varied: it is of type {kind}. List its choices.")


def each_choice(choices: Mapping[str, Any] | Iterable[Any]) -> Iterable[Any]:
    """Give the values of choices: plain ones, pairs of label and value, or a mapping of them."""
    listed = choices.items() if isinstance(choices, Mapping) else choices
    for choice in listed:
        value = choice[1] if isinstance(choice, (list, tuple)) else choice
        yield value["value"] if isinstance(value, dict) else value

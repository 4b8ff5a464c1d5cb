"""What an update does to answers: which may not change, and where those of earlier releases are.

Copier carries an owner's edits from a file to the same path. Where an answer moves files, it would
drop what was edited in them without a word: such an answer is given for good, and an update that
changes it is refused before it writes.
"""

import warnings
from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple

from copier.errors import MissingFileWarning, UserMessageError
from copier_template_extensions import ContextHook


class Moved(NamedTuple):
    """Where the answers to a question went; `answers` has those that are called otherwise there."""

    question: str
    answers: Mapping[Any, Any] = {}


# A question, and why no update can follow another answer, with the way out.
FOR_GOOD = {
    "layout": "an update would move files and lose what you edited in them. "
    "To change it, build a new service and move your code there"
}

# Questions of earlier releases that are called otherwise now, or no longer take all their answers,
# then under their own name. In copier.yml, what took their place has its default from here, such as
# `default: "{{ carried('broker', 'redis') }}"`. A name or an answer that went must not come back
# with another meaning, because Copier takes what a service recorded wherever it still can.
MOVED: dict[str, Moved] = {}


def refuse_change(question: str, answer: object, recorded: Mapping[str, Any]) -> str:
    """Say why an answer cannot take the place of the recorded one; nothing if it can."""
    if question not in FOR_GOOD or recorded.get(question, answer) == answer:
        return ""
    return f"must stay {recorded[question]!r}: {FOR_GOOD[question]}."


def moved_answers(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Give the answers that are called otherwise in this release, as it calls them."""
    return {
        moved.question: moved.answers.get(recorded[former], recorded[former])
        for former, moved in MOVED.items()
        if former in recorded and (former != moved.question or recorded[former] in moved.answers)
    }


def recorded_answers(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what the service in the destination answered; nothing if there is none yet."""
    with warnings.catch_warnings():
        # Copier warns of a file that is missing: with a new service it has to be.
        warnings.simplefilter("ignore", MissingFileWarning)
        return context["_external_data"].get("service") or {}


def answers_of_now(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what the service in the destination answered, as this release calls it."""
    recorded = recorded_answers(context)
    return {**recorded, **moved_answers(recorded)}


class Changes(ContextHook):
    """Gives copier.yml `may_change(question)` and `carried(question, default)`, which finds answers
    that are called otherwise now; holds answers against the recorded ones.

    A validator would not do: Copier does not ask it about what is chosen from a list in a terminal,
    and shows a traceback where it refuses what `-d` gives.
    """

    def hook(self, context: MutableMapping[str, Any]) -> None:
        """Look at the answers once all are given, before the first file is written.

        Raises:
            UserMessageError: for an answer that may not change.
        """

        def carried(question: str, default: object) -> object:
            return moved_answers(recorded_answers(context)).get(question, default)

        context["carried"] = carried
        context["may_change"] = lambda question: (
            question not in FOR_GOOD or question not in answers_of_now(context)
        )
        # Not before: to name the file of recorded answers Copier renders, and so comes here again.
        if context.get("_copier_phase") != "render":
            return
        recorded = answers_of_now(context)
        for question in FOR_GOOD:
            if refusal := refuse_change(question, context.get(question), recorded):
                raise UserMessageError(f"Validation error for question '{question}': {refusal}")

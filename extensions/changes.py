"""Answers that are given for good: an update that changes one is refused before it writes.

Copier carries an owner's edits from a file to the same path. Where an answer moves files, it would
drop what was edited in them without a word.
"""

import warnings
from collections.abc import Mapping, MutableMapping
from typing import Any

from copier.errors import MissingFileWarning, UserMessageError
from copier_template_extensions import ContextHook

# A question, and why no update can follow another answer, with the way out.
FOR_GOOD = {
    "layout": "an update would move files and lose what you edited in them. "
    "To change it, build a new service and move your code there"
}


def refuse_change(question: str, answer: object, recorded: Mapping[str, Any]) -> str:
    """Say why an answer cannot take the place of the recorded one; nothing if it can."""
    if question not in FOR_GOOD or recorded.get(question, answer) == answer:
        return ""
    return f"must stay {recorded[question]!r}: {FOR_GOOD[question]}."


def recorded_answers(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what the service in the destination answered; nothing if there is none yet."""
    with warnings.catch_warnings():
        # Copier warns of a file that is missing: with a new service it has to be.
        warnings.simplefilter("ignore", MissingFileWarning)
        return context["_external_data"].get("service") or {}


class Changes(ContextHook):
    """Gives copier.yml `may_change(question)`, and holds answers against the recorded ones.

    A validator would not do: Copier does not ask it about what is chosen from a list in a terminal,
    and shows a traceback where it refuses what `-d` gives.
    """

    def hook(self, context: MutableMapping[str, Any]) -> None:
        """Look at the answers once all are given, before the first file is written.

        Raises:
            UserMessageError: for an answer that may not change.
        """
        context["recorded"] = lambda: recorded_answers(context)
        context["may_change"] = lambda question: (
            question not in FOR_GOOD or question not in recorded_answers(context)
        )
        # Not before: to name the file of recorded answers Copier renders, and so comes here again.
        if context.get("_copier_phase") != "render":
            return
        recorded = recorded_answers(context)
        for question in FOR_GOOD:
            if refusal := refuse_change(question, context.get(question), recorded):
                raise UserMessageError(f"Validation error for question '{question}': {refusal}")

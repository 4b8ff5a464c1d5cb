"""Notices that somebody edited the answers file: an update would take the edit for the truth.

The answers say what the service was rendered from. With others, an update would compare the service
with files that it never had, and take the difference for its owner's wish.
"""

import hashlib
import json
import warnings
from collections.abc import Mapping, MutableMapping
from typing import Any

from copier.errors import MissingFileWarning, UserMessageError
from copier_template_extensions import ContextHook

FILE = ".copier-answers.yml"
KEY = "_sum"


def sum_of(recorded: Mapping[str, Any]) -> str:
    """Sum up the answers and the version, not where the template comes from: it may move."""
    counted = {
        name: value
        for name, value in recorded.items()
        if name == "_commit" or not name.startswith("_")
    }
    text = json.dumps(counted, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def refuse_edited(recorded: Mapping[str, Any]) -> str:
    """Say that an answers file is not as it was written; nothing if it is, or has no sum yet."""
    if recorded.get(KEY, sum_of(recorded)) == sum_of(recorded):
        return ""
    return (
        f"{FILE} was edited by hand: bring back what was written (`git log -p {FILE}` shows it), "
        "and change an answer with `-d QUESTION=ANSWER`."
    )


class Untouched(ContextHook):
    """Gives the answers file `sum_of(answers)`, and holds a recorded sum against the answers."""

    def hook(self, context: MutableMapping[str, Any]) -> None:
        """Look at the recorded answers before the first file is written.

        Raises:
            UserMessageError: where they were edited.
        """
        context["sum_of"] = sum_of
        if context.get("_copier_phase") != "render":
            return
        with warnings.catch_warnings():
            # Copier warns of a file that is missing: with a new service it has to be.
            warnings.simplefilter("ignore", MissingFileWarning)
            recorded = context["_external_data"].get("service") or {}
        if refusal := refuse_edited(recorded):
            raise UserMessageError(refusal)

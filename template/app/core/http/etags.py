"""Entity tags (RFC 9110, sections 8.8.3 and 13.1): what a client knows, and what it would change.

A tag is a hash of what is shown, so no table has a column for it.
"""

import hashlib
import re
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response

from app.core.errors import NotModified, Problem, raises
from app.core.schemas import Output

TAG = re.compile(r'(W/)?("[^"]*")')
ANY = "*"

Shown = TypeVar("Shown", bound=Output)


class PreconditionFailed(Problem):
    status = 412
    code = "precondition_failed"


def tag_of(shown: Output) -> str:
    """Give the strong tag of a representation."""
    return f'"{hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:32]}"'


class Tags:
    """Gives answers their tags."""

    def __init__(self, response: Response) -> None:
        self.response = response

    def show(self, shown: Shown) -> Shown:
        """Send its tag along; a cache has to ask before it shows it again."""
        tag = tag_of(shown)
        self.response.headers.update({"ETag": tag, "Cache-Control": "private, no-cache"})
        return shown


class ReadTags(Tags):
    """Gives answers their tags, and no answer to a client that has it."""

    def __init__(self, response: Response, if_none_match: str) -> None:
        super().__init__(response)
        self.if_none_match = if_none_match

    def show(self, shown: Shown) -> Shown:
        """Show it.

        Raises:
            NotModified: where the client's `If-None-Match` has its tag.
        """
        super().show(shown)
        tag = self.response.headers["ETag"]
        # The weak comparison: a proxy that compresses makes a strong tag a weak one.
        known = {found[2] for found in TAG.finditer(self.if_none_match)}
        if self.if_none_match.strip() == ANY or tag in known:
            raise NotModified(tag)
        return shown


class ChangeTags(Tags):
    """Gives answers their tags, and refuses to change what a client has not seen."""

    def __init__(self, response: Response, if_match: str | None) -> None:
        super().__init__(response)
        self.if_match = if_match

    def require(self, shown: Output) -> None:
        """Compare with what the row shows before the change; nobody else may change it meanwhile.

        Raises:
            PreconditionFailed: where the client's `If-Match` has another tag.
        """
        if self.if_match is None or self.if_match.strip() == ANY:
            return
        # The strong comparison: a weak tag matches nothing.
        known = {found[2] for found in TAG.finditer(self.if_match) if not found[1]}
        if tag_of(shown) not in known:
            raise PreconditionFailed("It was changed since you read it: read it again.")


async def new_tags(response: Response) -> Tags:
    return Tags(response)


@raises(NotModified)
async def read_tags(
    response: Response, if_none_match: Annotated[str, Header(max_length=4096)] = ""
) -> ReadTags:
    return ReadTags(response, if_none_match)


@raises(PreconditionFailed)
async def change_tags(
    response: Response, if_match: Annotated[str | None, Header(max_length=4096)] = None
) -> ChangeTags:
    return ChangeTags(response, if_match)


# For an operation that makes a resource, reads one, and changes one.
NewTags = Annotated[Tags, Depends(new_tags)]
ReadingTags = Annotated[ReadTags, Depends(read_tags)]
ChangingTags = Annotated[ChangeTags, Depends(change_tags)]

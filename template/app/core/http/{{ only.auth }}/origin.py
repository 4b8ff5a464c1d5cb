"""Where a request comes from, as far as it can be known: personal data, so keep it with care."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.core.http.client import address_of

# C0 and C1: what could end a line, or write over it, where somebody reads it.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MAX_ADDRESS = 45  # characters of an IPv6 address that holds one of IPv4 (RFC 4291, section 2.2)
MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """The address that a trusted proxy or the connection gives, and what the client calls itself.

    Either is empty where there is none.
    """

    address: str
    user_agent: str


async def origin(request: Request) -> Origin:
    return Origin(
        address=clean(address_of(request), MAX_ADDRESS),
        user_agent=clean(request.headers.get("User-Agent", ""), MAX_USER_AGENT),
    )


def clean(text: str, length: int) -> str:
    return CONTROL.sub("", text)[:length]


OriginDep = Annotated[Origin, Depends(origin)]

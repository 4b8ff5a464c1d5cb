"""What may be a password: long, and not what everybody tries first.

After NIST SP 800-63B-4, section 3.1.1.2: a length, a list of common ones, no rule of composition.
It asks for 15 characters where nothing else is proven, as here; 12 is what more people bear.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.core.schemas import Text
from app.core.security.errors import FieldRefused

MIN_LENGTH, MAX_LENGTH = 12, 128
# Characters as they are typed. One may become many: nobody makes us normalise a book.
MAX_TYPED = 512
# A pattern of so many characters that fills a password is one that attackers try.
LONGEST_PATTERN = 6
# A shorter name is part of too many words to say anything about a password.
SHORTEST_NAME = 4

COMMON = "is one of the passwords that everybody tries first: choose one that nobody else has."
REPEATED = "repeats itself: three or four words that have nothing to do with each other are better."
NAMED = "has the name of your address in it: choose one that says nothing about you."


def normalized(password: str) -> str:
    """Write a password as it is counted, compared and hashed: in Unicode's form NFKC.

    NIST names NFKC or NFKD: keyboards write one letter in several ways (é, or e and an accent;
    wide and narrow Latin letters), and who types the same gets in. RFC 8265 (OpaqueString) asks for
    NFC, which keeps wide and narrow letters apart.
    """
    return unicodedata.normalize("NFKC", password)


def normalized_input(value: object) -> object:
    """Normalise what is typed; what is too long for that is too long in any form."""
    return normalized(value) if isinstance(value, str) and len(value) <= MAX_TYPED else value


@cache
def common_passwords() -> frozenset[str]:
    text = Path(__file__).with_name("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def is_repeated(password: str) -> bool:
    return any(
        password == (password[:length] * len(password))[: len(password)]
        for length in range(1, LONGEST_PATTERN + 1)
    )


def reason_against(password: str) -> str | None:
    """Say what speaks against a password that is long enough; None where nothing does."""
    folded = password.casefold()
    if normalized(folded) in common_passwords():
        return COMMON
    return REPEATED if is_repeated(folded) else None


def refuse_easy(password: str) -> str:
    if reason := reason_against(password):
        raise ValueError(f"The password {reason}")
    return password


def refuse_name_in(password: str, email: str, field: str = "password") -> None:
    """Refuse a password that holds what stands before the @ of its account's address.

    Raises:
        FieldRefused: naming the field of the request's body.
    """
    name = normalized(email.rpartition("@")[0].casefold())
    if len(name) >= SHORTEST_NAME and name in normalized(password).casefold():
        raise FieldRefused(field, "value_error", f"The password {NAMED}")


# A new password. Where somebody logs in, none of this is asked: old ones still open.
Password = Annotated[
    Text,
    StringConstraints(strip_whitespace=False, min_length=MIN_LENGTH, max_length=MAX_LENGTH),
    BeforeValidator(normalized_input),
    AfterValidator(refuse_easy),
    Field(
        repr=False,
        description="12 to 128 characters in Unicode's form NFKC, and not easy to guess",
        json_schema_extra={"format": "password"},
    ),
]
# A password that is compared: as it was typed, with spaces around it.
TypedPassword = Annotated[
    Text,
    StringConstraints(strip_whitespace=False, max_length=MAX_TYPED),
    Field(repr=False, json_schema_extra={"format": "password"}),
]

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    EmailStr,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from app.core.schemas import Input, Output, Text
from app.worker.payload import Payload

Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]
# Long enough to resist guessing, short enough that hashing it is no attack. Spaces are part of it.
Password = Annotated[
    Text,
    StringConstraints(strip_whitespace=False, min_length=12, max_length=128),
    Field(repr=False),
]
EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def normalized(email: str) -> str:
    """Write an address as it is stored. What is no address stays as it is: nobody has it."""
    try:
        return EMAIL.validate_python(email)
    except ValidationError:
        return email


class UserRegister(Input):
    email: Email
    password: Password


class UserAccepted(Output):
    """The same for every address: an answer never tells who has an account."""

    detail: str = "If this address has no account yet, it has one now."


class UserPublic(Output):
    id: UUID
    email: str
    is_admin: bool
    created_at: datetime


class SendWelcomeMail(Payload):
    task = "users.send_welcome_mail"

    email: str
    is_new: bool

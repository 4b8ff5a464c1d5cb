from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field

from app.core.schemas import Input, Output, Text
from app.worker.payload import Payload

Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]
# Long enough to resist guessing, short enough that hashing it is no attack.
Password = Annotated[Text, Field(min_length=12, max_length=128, repr=False)]


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

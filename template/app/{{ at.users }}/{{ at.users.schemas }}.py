from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    EmailStr,
    Field,
    TypeAdapter,
    ValidationError,
)

from app.core.pagination import PageQuery
from app.core.schemas import Input, Output
from app.core.security.password_policy import Password
from app.core.security.scopes import Role
from app.worker.payload import Payload

Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]
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

    detail: str = "If this address has no account yet, it has one now. A mail says what comes next."


class UserQuery(PageQuery):
    sort: Literal["-created_at", "created_at", "email", "-email"] = "-created_at"
    email: Email | None = Field(default=None, description="only the account of this address")


class UserPublic(Output):
    id: UUID
    email: str
    role: Role
    is_active: bool
    created_at: datetime
    verified_at: datetime | None = Field(description="when mail to the address was seen to arrive")


class SendWelcomeMail(Payload):
    task = "users.send_welcome_mail"

    email: str
    is_new: bool

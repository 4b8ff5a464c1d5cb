from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.core.schemas import Output, Text


class Credentials(BaseModel):
    """The form that OAuth 2.0 prescribes (RFC 6749, section 4.3.2); `username` is the address."""

    grant_type: Literal["password"] = "password"
    username: Annotated[Text, Field(max_length=254)]
    password: Annotated[Text, Field(max_length=128, repr=False)]


class Token(Output):
    """The answer that OAuth 2.0 prescribes (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105, not a password
    expires_in: int = Field(description="seconds")

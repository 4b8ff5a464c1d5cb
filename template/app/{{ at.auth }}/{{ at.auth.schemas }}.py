from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.pagination import PageQuery
from app.core.schemas import Output, Text
from app.core.security.password_policy import TypedPassword


class Credentials(BaseModel):
    """The form that OAuth 2.0 prescribes (RFC 6749, section 4.3.2); `username` is the address."""

    grant_type: Literal["password"] = "password"
    username: Annotated[Text, Field(max_length=254)]
    password: TypedPassword


class Refresh(BaseModel):
    """The form that OAuth 2.0 prescribes (RFC 6749, section 6)."""

    grant_type: Literal["refresh_token"] = "refresh_token"
    refresh_token: Annotated[Text, Field(min_length=1, max_length=128, repr=False)]


class Token(Output):
    """The answer that OAuth 2.0 prescribes (RFC 6749, section 5.1)."""

    access_token: str = Field(repr=False)
    token_type: Literal["bearer"] = "bearer"  # noqa: S105, not a password
    expires_in: int = Field(description="seconds until the access token ends")
    refresh_token: str = Field(repr=False, description="good for one refresh")


class SessionQuery(PageQuery):
    sort: Literal["-created_at", "created_at"] = "-created_at"


class SessionPublic(Output):
    id: UUID
    created_at: datetime
    last_used_at: datetime = Field(description="the last refresh, or the log-in")
    expires_at: datetime
    address: str
    user_agent: str
    is_current: bool = Field(default=False, description="the one that this access token is of")

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.core.clock import now
from app.core.models import Expiring, Record


class UserSession(Record, Expiring, table=True):
    """A log-in and what came of it: one family of refresh tokens. To end it is to delete it."""

    __tablename__ = "user_session"
    __table_args__ = (Index(None, "user_id", "id"),)

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    # The account's when it began: it ends where that was raised.
    credentials_version: int
    last_used_at: datetime = Field(default_factory=now)
    address: str = Field(max_length=45)
    user_agent: str = Field(max_length=300)


class RefreshToken(Expiring, table=True):
    """One that was issued. It stays when it is spent: that it comes again shows a theft."""

    __tablename__ = "refresh_token"

    token_hash: str = Field(max_length=64, primary_key=True)
    session_id: UUID = Field(foreign_key="user_session.id", ondelete="CASCADE", index=True)
    spent_at: datetime | None = None

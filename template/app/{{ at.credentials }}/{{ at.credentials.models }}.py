from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from app.core.models import Expiring, Record


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET = "reset_password"
    CHANGE_EMAIL = "change_email"


class OneTimeToken(Record, Expiring, table=True):
    """A secret that was sent to an address, and that whoever has it may use once."""

    __tablename__ = "one_time_token"
    # Of two for one purpose the newer counts.
    __table_args__ = (UniqueConstraint("user_id", "purpose"),)

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    purpose: str = Field(max_length=20)  # a Purpose
    # SHA-256: who reads the table has no token. A token is random, so nothing slower is needed.
    token_hash: str = Field(max_length=64, unique=True)
    # Where it was sent: it proves this address and no other.
    email: str = Field(max_length=254)

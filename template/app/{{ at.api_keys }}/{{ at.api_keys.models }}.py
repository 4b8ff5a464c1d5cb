from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from app.core.models import Expiring, Record
from app.core.security.scopes import Scope


class ApiKey(Expiring, Record, table=True):
    __tablename__ = "api_key"
    __table_args__ = (Index(None, "owner_id", "id"),)

    owner_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=60, unique=True)
    # SHA-256 of the whole key, which is kept nowhere.
    key_hash: str = Field(max_length=64)
    # With spaces between, as OAuth 2.0 writes them (RFC 6749, section 3.3).
    scopes: str = Field(max_length=2000)
    # Within a minute, and of requests that were done.
    last_used_at: datetime | None = None

    @property
    def given(self) -> frozenset[Scope]:
        """Give its scopes; one that a release has taken away is none."""
        return frozenset(Scope) & set(self.scopes.split())

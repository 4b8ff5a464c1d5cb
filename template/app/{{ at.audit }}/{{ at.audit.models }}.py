from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, Relationship

from app.core.models import Expiring, Record


class AuditOrigin(Expiring, table=True):
    """Where it came from: personal data, which goes with the account, or when it is old."""

    __tablename__ = "audit_origin"

    event_id: UUID = Field(foreign_key="audit_event.id", primary_key=True)
    account_id: UUID | None = Field(
        default=None, foreign_key="user.id", ondelete="CASCADE", index=True
    )
    address: str = Field(max_length=45)
    user_agent: str = Field(max_length=300)


class AuditEvent(Record, table=True):
    """A line of the log. It only grows, and holds no personal data: it outlives the account, which
    is no foreign key for that reason.
    """

    __tablename__ = "audit_event"
    # Each filter of the list has an index that ends with the key, so that a page is read.
    __table_args__ = (
        Index(None, "event", "id"),
        Index(None, "account_id", "id"),
        Index(None, "created_at"),
        {"info": {"append_only": True}},
    )

    event: str = Field(max_length=64)
    account_id: UUID | None = None
    actor_id: UUID | None = None
    session_id: UUID | None = None
    request_id: str = Field(max_length=128)

    origin: AuditOrigin | None = Relationship(
        sa_relationship_kwargs={"lazy": "raise", "uselist": False, "viewonly": True}
    )

from sqlmodel import Field

from app.core.models import Expiring


class IdempotencyKey(Expiring, table=True):
    """An intention that had its effect, and the answer that was given."""

    __tablename__ = "idempotency_key"

    # Each caller has keys of its own: nobody is answered what somebody else asked.
    account: str = Field(max_length=36, primary_key=True)
    key: str = Field(max_length=255, primary_key=True)
    request: str = Field(max_length=64)
    answer: str = Field(default="")

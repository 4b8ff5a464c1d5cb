from sqlmodel import Field

from app.core.models import Record


class User(Record, table=True):
    # Lower case, so that one mailbox is one account.
    email: str = Field(max_length=254, unique=True)
    password_hash: str = Field(max_length=255)
    is_admin: bool = False

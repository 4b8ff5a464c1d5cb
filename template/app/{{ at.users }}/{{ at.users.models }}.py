from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from app.core.models import Record, filled_with
from app.core.security.scopes import Role

# For accounts from before there were roles.
OLD_ROLE = "CASE WHEN is_admin THEN 'admin' ELSE 'user' END"


class User(Record, table=True):
    # Lower case, so that one mailbox is one account.
    email: str = Field(max_length=254, unique=True)
    password_hash: str = Field(max_length=255)
    # Text in the database: a new role needs no migration.
    role: Role = Field(
        default=Role.USER,
        sa_type=sa.Enum(
            Role,
            native_enum=False,
            length=20,
            values_callable=lambda roles: [role.value for role in roles],
        ),
        sa_column_kwargs={"server_default": Role.USER.value, "info": filled_with(OLD_ROLE)},
    )
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    # When its owner showed that mail to the address arrives; accounts of before did by being there.
    verified_at: datetime | None = Field(
        default=None, sa_column_kwargs={"info": filled_with("created_at")}
    )
    # Raised with each change of the password: what was issued before it no longer counts.
    credentials_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    @property
    def may_sign_in(self) -> bool:
        """Say whether log-in, and what an earlier log-in gave, opens anything."""
        return self.is_active

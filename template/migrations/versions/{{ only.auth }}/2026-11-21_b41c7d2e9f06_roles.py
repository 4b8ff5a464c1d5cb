"""roles"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "b41c7d2e9f06"
down_revision: str | Sequence[str] | None = "a90f3c61b7d8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(
            sa.Column("role", sqlmodel.AutoString(length=20), nullable=False, server_default="user")
        )
        user.add_column(
            sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    op.execute("UPDATE \"user\" SET role = 'admin' WHERE is_admin")
    with op.batch_alter_table("user") as user:
        user.drop_column("is_admin")


def downgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(
            sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute("UPDATE \"user\" SET is_admin = true WHERE role = 'admin'")
    with op.batch_alter_table("user") as user:
        user.drop_column("role")
        user.drop_column("is_active")

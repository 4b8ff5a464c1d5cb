"""credentials"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "c41d7e92ab36"
down_revision: str | Sequence[str] | None = "3b7e0d94c1a6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("user", sa.Column("verified_at", sqlmodel.UTCDateTime(), nullable=True))
    op.execute('UPDATE "user" SET verified_at = created_at')
    op.create_table(
        "one_time_token",
        sa.Column("expires_at", sqlmodel.UTCDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sqlmodel.AutoString(length=20), nullable=False),
        sa.Column("token_hash", sqlmodel.AutoString(length=64), nullable=False),
        sa.Column("email", sqlmodel.AutoString(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_one_time_token_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_token_token_hash")),
        sa.UniqueConstraint("user_id", "purpose", name=op.f("uq_one_time_token_user_id_purpose")),
    )
    op.create_index(op.f("ix_one_time_token_expires_at"), "one_time_token", ["expires_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_one_time_token_expires_at"), table_name="one_time_token")
    op.drop_table("one_time_token")
    with op.batch_alter_table("user") as batch:
        batch.drop_column("verified_at")

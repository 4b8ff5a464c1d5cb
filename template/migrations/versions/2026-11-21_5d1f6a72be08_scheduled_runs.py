"""scheduled runs"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "5d1f6a72be08"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "scheduled_run",
        sa.Column("expires_at", sqlmodel.UTCDateTime(), nullable=False),
        sa.Column("task", sqlmodel.AutoString(length=200), nullable=False),
        sa.Column("tick", sqlmodel.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("task", "tick", name=op.f("pk_scheduled_run")),
    )
    op.create_index(op.f("ix_scheduled_run_expires_at"), "scheduled_run", ["expires_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_scheduled_run_expires_at"), table_name="scheduled_run")
    op.drop_table("scheduled_run")

"""Holds of units without mandate: when their owner was asked, and what the owner said."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0009"


def upgrade() -> None:
    with op.batch_alter_table("holds") as table:
        table.add_column(sa.Column("owner_asked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("owner_said", sa.String(), nullable=True))

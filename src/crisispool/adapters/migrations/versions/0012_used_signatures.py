"""Signatures of the messenger that opened a page: each works once."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    op.create_table(
        "used_signatures",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_used_signatures"),
    )
    op.create_index("ix_used_signatures_at", "used_signatures", ["at"])

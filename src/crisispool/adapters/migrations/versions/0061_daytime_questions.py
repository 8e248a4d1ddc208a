"""Questions that come by day, as codes."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision: str | None = "0060"


def upgrade() -> None:
    op.create_table(
        "daytime_questions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asker", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_daytime_questions"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_daytime_questions_network_id"),
    )
    op.create_index("ix_daytime_questions_network_id_day", "daytime_questions", ["network_id", "day"])

"""Addresses of the own shifts in somebody's own calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision: str | None = "0021"


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("digest", name="uq_calendar_feeds_digest"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_calendar_feeds_colleague_id"),
    )
    op.create_index("ix_calendar_feeds_colleague_id", "calendar_feeds", ["colleague_id"])

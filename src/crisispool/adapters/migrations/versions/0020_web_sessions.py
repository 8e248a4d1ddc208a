"""Browsers that somebody signed in with."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision: str | None = "0015"


def upgrade() -> None:
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_web_sessions"),
        sa.UniqueConstraint("digest", name="uq_web_sessions_digest"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_web_sessions_colleague_id"),
    )
    op.create_index("ix_web_sessions_made_at", "web_sessions", ["made_at"])
    op.create_index("ix_web_sessions_colleague_id", "web_sessions", ["colleague_id"])

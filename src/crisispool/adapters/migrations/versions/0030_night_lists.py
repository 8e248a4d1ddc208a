"""Night lists: what the desk needs on paper, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision: str | None = "0022"


def upgrade() -> None:
    op.create_table(
        "night_lists",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_night", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clear_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_night_lists"),
        sa.UniqueConstraint("network_id", "day", name="uq_night_lists_network_id_day"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_night_lists_network_id"),
    )
    op.create_index("ix_night_lists_clear_at", "night_lists", ["clear_at"])

"""Shifts that are given away."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0013"


def upgrade() -> None:
    op.create_table(
        "shift_offers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("shift_id", sa.String(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=True),
        sa.Column("offered_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shift_offers"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_shift_offers_network_id"),
        sa.ForeignKeyConstraint(["from_id"], ["colleagues.id"], name="fk_shift_offers_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["colleagues.id"], name="fk_shift_offers_to_id"),
    )
    op.create_index("ix_shift_offers_shift_id", "shift_offers", ["shift_id"])
    op.create_index("ix_shift_offers_network_id_state", "shift_offers", ["network_id", "state"])
    op.create_index("ix_shift_offers_from_id", "shift_offers", ["from_id"])
    op.create_index("ix_shift_offers_to_id", "shift_offers", ["to_id"])

"""Bookings that stood on paper and were entered afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision: str | None = "0052"


def upgrade() -> None:
    op.create_table(
        "paper_bookings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper_bookings"),
        sa.UniqueConstraint(
            "network_id", "night", "reference", name="uq_paper_bookings_network_id_night_reference"
        ),
        sa.UniqueConstraint("booking_id", name="uq_paper_bookings_booking_id"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_paper_bookings_network_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_paper_bookings_booking_id"),
    )

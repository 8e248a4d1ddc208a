"""What changes afterwards: alerts, merges as one decision, stays that become the owner's, days people entered."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    op.create_table(
        "stay_alerts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("run", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stay_alerts"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_stay_alerts_network_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_stay_alerts_booking_id"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_stay_alerts_person_id"),
    )
    for column in ("network_id", "booking_id", "person_id"):
        op.create_index(f"ix_stay_alerts_{column}", "stay_alerts", [column])

    with op.batch_alter_table("stay_decisions") as table:
        table.add_column(sa.Column("report_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_stay_decisions_report_at", ["report_at"])
    with op.batch_alter_table("person_merges") as table:
        table.add_column(sa.Column("merge_id", sa.String(), nullable=True))
        table.create_index("ix_person_merges_merge_id", ["merge_id"])
    with op.batch_alter_table("placements") as table:
        table.add_column(sa.Column("booking_id", sa.String(), nullable=True))
        table.create_foreign_key("fk_placements_booking_id", "bookings", ["booking_id"], ["id"])
        table.create_index("ix_placements_booking_id", ["booking_id"])
    with op.batch_alter_table("closing_days") as table:
        table.add_column(sa.Column("entered_by", sa.String(), nullable=True))
    with op.batch_alter_table("requests") as table:
        table.add_column(sa.Column("coordinator_asked_at", sa.DateTime(timezone=True), nullable=True))

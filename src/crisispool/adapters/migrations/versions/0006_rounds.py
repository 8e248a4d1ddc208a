"""What comes back on certain days: rounds, calls on closed days, the list before them, the check-out question."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    with op.batch_alter_table("bookings") as table:
        table.add_column(sa.Column("ask_checkout_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("overstay_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_bookings_ask_checkout_at", ["ask_checkout_at"])
    _ask_who_is_inside()

    op.create_table(
        "rounds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_rounds_network_id"),
        sa.UniqueConstraint("network_id", "kind", name="uq_rounds_network_id_kind"),
    )
    op.create_index("ix_rounds_due_at", "rounds", ["due_at"])

    op.create_table(
        "care_calls",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=True),
        sa.Column("next_action_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_care_calls"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_care_calls_network_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_care_calls_booking_id"),
        sa.UniqueConstraint("booking_id", "day", name="uq_care_calls_booking_id_day"),
    )
    op.create_index("ix_care_calls_next_action_at", "care_calls", ["next_action_at"])
    op.create_index("ix_care_calls_network_id_day", "care_calls", ["network_id", "day"])

    op.create_table(
        "weekend_lines",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("checkout", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_weekend_lines"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_weekend_lines_network_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_weekend_lines_case_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_weekend_lines_booking_id"),
        sa.UniqueConstraint("booking_id", "day", name="uq_weekend_lines_booking_id_day"),
    )
    op.create_index("ix_weekend_lines_network_id_day", "weekend_lines", ["network_id", "day"])
    op.create_index("ix_weekend_lines_case_id", "weekend_lines", ["case_id"])


def _ask_who_is_inside() -> None:
    """Households that are inside now are asked about as well: at the planned end of their stay."""
    bookings = sa.table(
        "bookings",
        sa.column("id", sa.String()),
        sa.column("state", sa.String()),
        sa.column("checkout", sa.Date()),
        sa.column("ask_checkout_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    inside = bookings.c.state.in_(("booked", "checked_in"))
    for booking_id, checkout in connection.execute(
        sa.select(bookings.c.id, bookings.c.checkout).where(inside)
    ).all():
        at = datetime.combine(checkout, time(10), ZoneInfo("Europe/Brussels")).astimezone(UTC)
        connection.execute(sa.update(bookings).where(bookings.c.id == booking_id).values(ask_checkout_at=at))

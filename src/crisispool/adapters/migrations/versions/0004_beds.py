"""A bed given and the morning after: cases, holds, bookings and their nights, handovers, turnovers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("handover_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_consent", sa.Boolean(), nullable=False),
        sa.Column("previous_case_id", sa.String(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_cases_network_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_cases_request_id"),
        sa.ForeignKeyConstraint(
            ["previous_case_id"],
            ["cases.id"],
            name="fk_cases_previous_case_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.UniqueConstraint("network_id", "reference", name="uq_cases_network_id_reference"),
        sa.UniqueConstraint("request_id", name="uq_cases_request_id"),
    )
    op.create_index("ix_cases_handover_due_at", "cases", ["handover_due_at"])
    op.create_index("ix_cases_previous_case_id", "cases", ["previous_case_id"])

    op.create_table(
        "holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("nights", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_holds_network_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_holds_request_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_holds_unit_id"),
        sa.CheckConstraint("nights > 0", name=op.f("ck_holds_nights")),
    )
    op.create_index("ix_holds_network_id", "holds", ["network_id"])
    op.create_index("ix_holds_request_id", "holds", ["request_id"])
    op.create_index("ix_holds_unit_id", "holds", ["unit_id"])
    op.create_index("ix_holds_until", "holds", ["until"])

    op.create_table(
        "bookings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("checkout", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrival_known", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_arrival_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrival_asked", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("moved_from", sa.String(), nullable=True),
        sa.Column("readmission_refused", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bookings"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_bookings_network_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_bookings_case_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_bookings_request_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_bookings_unit_id"),
        sa.UniqueConstraint("network_id", "reference", name="uq_bookings_network_id_reference"),
        sa.CheckConstraint("checkout >= night", name=op.f("ck_bookings_checkout")),
    )
    op.create_index("ix_bookings_ask_arrival_at", "bookings", ["ask_arrival_at"])
    op.create_index("ix_bookings_case_id", "bookings", ["case_id"])
    op.create_index("ix_bookings_network_id_state", "bookings", ["network_id", "state"])
    op.create_index("ix_bookings_request_id", "bookings", ["request_id"])
    op.create_index("ix_bookings_unit_id", "bookings", ["unit_id"])

    op.create_table(
        "unit_nights",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=True),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("unit_id", "night", name="pk_unit_nights"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_unit_nights_unit_id"),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name="fk_unit_nights_hold_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_unit_nights_booking_id"),
        sa.CheckConstraint(
            "(hold_id IS NULL) <> (booking_id IS NULL)", name=op.f("ck_unit_nights_one_taker")
        ),
    )
    op.create_index("ix_unit_nights_booking_id", "unit_nights", ["booking_id"])
    op.create_index("ix_unit_nights_hold_id", "unit_nights", ["hold_id"])
    op.create_index("ix_unit_nights_night", "unit_nights", ["night"])

    op.create_table(
        "person_nights",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "night", name="pk_person_nights"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_person_nights_person_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_person_nights_booking_id"),
    )
    op.create_index("ix_person_nights_booking_id", "person_nights", ["booking_id"])

    op.create_table(
        "booking_persons",
        sa.Column("booking_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", "person_id", name="pk_booking_persons"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_booking_persons_booking_id"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_booking_persons_person_id"),
    )
    op.create_index("ix_booking_persons_person_id", "booking_persons", ["person_id"])

    op.create_table(
        "stay_decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("given_by_role", sa.String(), nullable=True),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stay_decisions"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_stay_decisions_request_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_stay_decisions_booking_id"),
    )
    op.create_index("ix_stay_decisions_booking_id", "stay_decisions", ["booking_id"])
    op.create_index("ix_stay_decisions_request_id", "stay_decisions", ["request_id"])

    op.create_table(
        "handovers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lead_organisation_id", sa.String(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.String(), nullable=True),
        sa.Column("worker_named_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("solved", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrival_unknown", sa.Boolean(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=True),
        sa.Column("next_action_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_handovers_network_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_handovers_case_id"),
        sa.ForeignKeyConstraint(
            ["lead_organisation_id"], ["organisations.id"], name="fk_handovers_lead_organisation_id"
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["colleagues.id"], name="fk_handovers_worker_id"),
        sa.UniqueConstraint("case_id", name="uq_handovers_case_id"),
    )
    op.create_index("ix_handovers_due_at", "handovers", ["due_at"])
    op.create_index("ix_handovers_lead_organisation_id", "handovers", ["lead_organisation_id"])
    op.create_index("ix_handovers_network_id", "handovers", ["network_id"])
    op.create_index("ix_handovers_next_action_at", "handovers", ["next_action_at"])
    op.create_index("ix_handovers_worker_id", "handovers", ["worker_id"])

    op.create_table(
        "handover_recipients",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("handover_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=False),
        sa.Column("deliver_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("backup_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_handover_recipients"),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name="fk_handover_recipients_handover_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_handover_recipients_organisation_id"
        ),
        sa.UniqueConstraint(
            "handover_id", "organisation_id", name="uq_handover_recipients_handover_id_organisation_id"
        ),
    )
    op.create_index("ix_handover_recipients_deliver_at", "handover_recipients", ["deliver_at"])
    op.create_index("ix_handover_recipients_organisation_id", "handover_recipients", ["organisation_id"])

    op.create_table(
        "turnovers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("booking_id", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_code_must_change", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_turnovers"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_turnovers_unit_id"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_turnovers_booking_id"),
    )
    op.create_index("ix_turnovers_booking_id", "turnovers", ["booking_id"])
    op.create_index("ix_turnovers_due_at", "turnovers", ["due_at"])
    op.create_index("ix_turnovers_unit_id", "turnovers", ["unit_id"])

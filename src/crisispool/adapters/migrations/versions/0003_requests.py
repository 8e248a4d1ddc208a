"""A question for a bed: the request, its people, its check-up, how it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("ages", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("whereabouts", sa.String(), nullable=True),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("avoid", sa.JSON(), nullable=False),
        sa.Column("referrer_kind", sa.String(), nullable=False),
        sa.Column("referrer_organisation_id", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cots", sa.Integer(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_consent", sa.Boolean(), nullable=True),
        sa.Column("ethos", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step", sa.String(), nullable=True),
        sa.Column("next_action_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_request_id", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_requests_network_id"),
        sa.ForeignKeyConstraint(
            ["referrer_organisation_id"], ["organisations.id"], name="fk_requests_referrer_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["previous_request_id"],
            ["requests.id"],
            name="fk_requests_previous_request_id",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.UniqueConstraint("network_id", "reference", name="uq_requests_network_id_reference"),
        sa.CheckConstraint(
            "adults >= 0 AND children >= 0 AND adults + children > 0", name=op.f("ck_requests_household")
        ),
    )
    op.create_index("ix_requests_network_id_created_at", "requests", ["network_id", "created_at"])
    op.create_index("ix_requests_network_id_state", "requests", ["network_id", "state"])
    op.create_index("ix_requests_next_action_at", "requests", ["next_action_at"])
    op.create_index("ix_requests_previous_request_id", "requests", ["previous_request_id"])
    op.create_index("ix_requests_referrer_organisation_id", "requests", ["referrer_organisation_id"])

    op.create_table(
        "request_notes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_request_notes"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_request_notes_request_id"),
    )
    op.create_index("ix_request_notes_request_id", "request_notes", ["request_id"])

    op.create_table(
        "screenings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("checklist_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("overridden", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pause_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_screenings"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_screenings_request_id"),
    )
    op.create_index("ix_screenings_pause_until", "screenings", ["pause_until"])
    op.create_index("ix_screenings_request_id", "screenings", ["request_id"])

    op.create_table(
        "request_refusals",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("alternative", sa.String(), nullable=False),
        sa.Column("tried", sa.JSON(), nullable=False),
        sa.Column("contact_consent", sa.Boolean(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_request_refusals"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_request_refusals_request_id"),
    )
    op.create_index("ix_request_refusals_request_id", "request_refusals", ["request_id"])

    op.create_table(
        "searches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("nights", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unmet", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_searches"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_searches_network_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_searches_request_id"),
        sa.CheckConstraint("nights > 0", name=op.f("ck_searches_nights")),
    )
    op.create_index("ix_searches_network_id", "searches", ["network_id"])
    op.create_index("ix_searches_request_id", "searches", ["request_id"])

    op.create_table(
        "persons",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("canonical_id", sa.String(), nullable=False),
        sa.Column("adult", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("coarse_digest", sa.String(), nullable=True),
        sa.Column("claimed_nights", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_persons_network_id"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_persons_request_id"),
        sa.ForeignKeyConstraint(
            ["canonical_id"],
            ["persons.id"],
            name="fk_persons_canonical_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_persons_canonical_id", "persons", ["canonical_id"])
    op.create_index("ix_persons_network_id_coarse_digest", "persons", ["network_id", "coarse_digest"])
    op.create_index("ix_persons_network_id_digest", "persons", ["network_id", "digest"])
    op.create_index("ix_persons_request_id", "persons", ["request_id"])

    op.create_table(
        "person_identities",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("surname", sa.String(), nullable=False),
        sa.Column("birth_date", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person_identities"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_person_identities_person_id"),
    )

    op.create_table(
        "person_merges",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("from_canonical_id", sa.String(), nullable=False),
        sa.Column("to_canonical_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_person_merges"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_person_merges_person_id"),
        sa.ForeignKeyConstraint(
            ["from_canonical_id"], ["persons.id"], name="fk_person_merges_from_canonical_id"
        ),
        sa.ForeignKeyConstraint(["to_canonical_id"], ["persons.id"], name="fk_person_merges_to_canonical_id"),
    )
    op.create_index("ix_person_merges_from_canonical_id", "person_merges", ["from_canonical_id"])
    op.create_index("ix_person_merges_person_id", "person_merges", ["person_id"])
    op.create_index("ix_person_merges_to_canonical_id", "person_merges", ["to_canonical_id"])

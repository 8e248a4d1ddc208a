"""Who takes part: networks and their rules, municipalities, organisations, colleagues, rosters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    op.create_table(
        "networks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reference_prefix", sa.String(), nullable=False),
        sa.Column("desk_phone", sa.String(), nullable=False),
        sa.Column("caw_id", sa.String(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_networks"),
    )

    op.create_table(
        "policy_versions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_versions"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_policy_versions_network_id"),
        sa.UniqueConstraint("network_id", "version", name="uq_policy_versions_network_id_version"),
    )

    op.create_table(
        "municipalities",
        sa.Column("nis", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("inhabitants", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("nis", name="pk_municipalities"),
    )

    op.create_table(
        "organisations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("nis", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("night_phone", sa.String(), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=False),
        sa.Column("backup_id", sa.String(), nullable=True),
        sa.Column("opens", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_organisations_network_id"),
        sa.ForeignKeyConstraint(
            ["backup_id"],
            ["organisations.id"],
            name="fk_organisations_backup_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_organisations_backup_id", "organisations", ["backup_id"])
    op.create_index("ix_organisations_network_id", "organisations", ["network_id"])

    op.create_table(
        "closing_days",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_closing_days"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_closing_days_network_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_closing_days_organisation_id"
        ),
    )
    op.create_index("ix_closing_days_network_id", "closing_days", ["network_id"])
    op.create_index("ix_closing_days_organisation_id", "closing_days", ["organisation_id"])
    op.create_index(
        "uq_closing_days_network",
        "closing_days",
        ["network_id", "day"],
        unique=True,
        sqlite_where=sa.text("organisation_id IS NULL"),
        postgresql_where=sa.text("organisation_id IS NULL"),
    )
    op.create_index(
        "uq_closing_days_organisation",
        "closing_days",
        ["network_id", "organisation_id", "day"],
        unique=True,
        sqlite_where=sa.text("organisation_id IS NOT NULL"),
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )

    op.create_table(
        "memberships",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("nis", sa.String(), nullable=False),
        sa.Column("ocmw_id", sa.String(), nullable=True),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("agreed_places", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_memberships_network_id"),
        sa.ForeignKeyConstraint(["nis"], ["municipalities.nis"], name="fk_memberships_nis"),
        sa.ForeignKeyConstraint(["ocmw_id"], ["organisations.id"], name="fk_memberships_ocmw_id"),
        sa.UniqueConstraint("network_id", "nis", name="uq_memberships_network_id_nis"),
    )
    op.create_index("ix_memberships_nis", "memberships", ["nis"])
    op.create_index("ix_memberships_ocmw_id", "memberships", ["ocmw_id"])

    op.create_table(
        "colleagues",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_colleagues"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_colleagues_network_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_colleagues_organisation_id"
        ),
    )
    op.create_index("ix_colleagues_network_id", "colleagues", ["network_id"])
    op.create_index("ix_colleagues_organisation_id", "colleagues", ["organisation_id"])

    op.create_table(
        "role_grants",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_role_grants"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_role_grants_colleague_id"),
        sa.UniqueConstraint("colleague_id", "role", name="uq_role_grants_colleague_id_role"),
    )

    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_api_tokens_colleague_id"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.create_index("ix_api_tokens_colleague_id", "api_tokens", ["colleague_id"])

    op.create_table(
        "duty_shifts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duty_shifts"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_duty_shifts_network_id"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_duty_shifts_colleague_id"),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_duty_shifts_lasts")),
    )
    op.create_index("ix_duty_shifts_colleague_id", "duty_shifts", ["colleague_id"])
    op.create_index(
        "ix_duty_shifts_network_id_duty_starts_at", "duty_shifts", ["network_id", "duty", "starts_at"]
    )

    op.create_table(
        "fallback_places",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("nis", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_fallback_places"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_fallback_places_network_id"),
    )
    op.create_index("ix_fallback_places_network_id", "fallback_places", ["network_id"])

    op.create_table(
        "criteria",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("fails_on", sa.JSON(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("may_override", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_criteria"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_criteria_network_id"),
        sa.UniqueConstraint("network_id", "version", "code", name="uq_criteria_network_id_version_code"),
    )

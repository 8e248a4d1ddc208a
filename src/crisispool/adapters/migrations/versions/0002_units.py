"""The dwellings: what they offer, in which networks, what their owners say about them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("nis", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("cots", sa.Integer(), nullable=False),
        sa.Column("rooms", sa.Integer(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("pets", sa.Boolean(), nullable=False),
        sa.Column("smoking", sa.Boolean(), nullable=False),
        sa.Column("separate_entrance", sa.Boolean(), nullable=False),
        sa.Column("staffed", sa.Boolean(), nullable=False),
        sa.Column("meals", sa.Boolean(), nullable=False),
        sa.Column("family", sa.Boolean(), nullable=False),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("mandate", sa.Boolean(), nullable=False),
        sa.Column("inspection_until", sa.Date(), nullable=True),
        sa.Column("free_until", sa.Date(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.Column("rota_weeks", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleaned", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.ForeignKeyConstraint(["owner_id"], ["organisations.id"], name="fk_units_owner_id"),
        sa.ForeignKeyConstraint(["nis"], ["municipalities.nis"], name="fk_units_nis"),
        sa.CheckConstraint("cots >= 0", name=op.f("ck_units_cots")),
        sa.CheckConstraint("places > 0", name=op.f("ck_units_places")),
        sa.CheckConstraint("rooms > 0", name=op.f("ck_units_rooms")),
    )
    op.create_index("ix_units_nis", "units", ["nis"])
    op.create_index("ix_units_owner_id", "units", ["owner_id"])

    op.create_table(
        "unit_access",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("key_instructions", sa.String(), nullable=False),
        sa.Column("backup_key_phone", sa.String(), nullable=False),
        sa.Column("night_contact", sa.String(), nullable=False),
        sa.Column("cleaning_contact", sa.String(), nullable=False),
        sa.Column("house_agreement", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_access"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_unit_access_unit_id"),
    )

    op.create_table(
        "unit_networks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit_networks"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_unit_networks_unit_id"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_unit_networks_network_id"),
        sa.UniqueConstraint("unit_id", "network_id", name="uq_unit_networks_unit_id_network_id"),
    )
    op.create_index("ix_unit_networks_network_id", "unit_networks", ["network_id"])

    op.create_table(
        "placements",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_placements"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_placements_unit_id"),
        sa.CheckConstraint("until >= starts_on", name=op.f("ck_placements_until")),
    )
    op.create_index("ix_placements_unit_id", "placements", ["unit_id"])

    op.create_table(
        "out_of_service",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_out_of_service"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_out_of_service_unit_id"),
    )
    op.create_index("ix_out_of_service_unit_id", "out_of_service", ["unit_id"])

    op.create_table(
        "status_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_status_events"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_status_events_unit_id"),
    )
    op.create_index("ix_status_events_unit_id_at", "status_events", ["unit_id", "at"])

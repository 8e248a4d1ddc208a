"""Accounts of one's own organisation, and who is on the way to its sign-in page."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision: str | None = "0050"


def upgrade() -> None:
    op.create_table(
        "oidc_links",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=True),
        sa.Column("invitation_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_links"),
        sa.UniqueConstraint("issuer", "subject", name="uq_oidc_links_issuer_subject"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_oidc_links_organisation_id"
        ),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_oidc_links_colleague_id"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitations.id"], name="fk_oidc_links_invitation_id"),
    )
    for column in ("organisation_id", "colleague_id", "invitation_id"):
        op.create_index(f"ix_oidc_links_{column}", "oidc_links", [column])
    op.create_table(
        "oidc_attempts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("back", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_attempts"),
    )
    op.create_index("ix_oidc_attempts_begun_at", "oidc_attempts", ["begun_at"])

"""Programs that call the interface, and tokens that work until a day."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision: str | None = "0051"


def upgrade() -> None:
    op.add_column("api_tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "service_accounts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_service_accounts"),
        sa.ForeignKeyConstraint(["id"], ["api_tokens.id"], name="fk_service_accounts_id"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_service_accounts_colleague_id"),
        sa.ForeignKeyConstraint(["made_by"], ["colleagues.id"], name="fk_service_accounts_made_by"),
    )
    for column in ("colleague_id", "made_by"):
        op.create_index(f"ix_service_accounts_{column}", "service_accounts", [column])

"""Versions of a policy: who entered each, and which settings were decided with it."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision: str | None = "0030"


def upgrade() -> None:
    with op.batch_alter_table("policy_versions") as table:
        table.add_column(sa.Column("entered_by", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("settles", sa.JSON(), nullable=False, server_default="[]"))

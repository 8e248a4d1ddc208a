"""Tokens of programs: what they are called, who made them, until when they work, on which day they were used last."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision: str | None = "0040"


def upgrade() -> None:
    op.add_column("api_tokens", sa.Column("name", sa.String(), nullable=True))
    op.add_column("api_tokens", sa.Column("made_by", sa.String(), nullable=True))
    op.add_column("api_tokens", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_tokens", sa.Column("used_on", sa.Date(), nullable=True))

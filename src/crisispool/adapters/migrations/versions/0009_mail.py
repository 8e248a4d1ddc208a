"""Mail: the landlord's own mailbox, the language of a service, links that went to a mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    with op.batch_alter_table("organisations") as table:
        table.add_column(sa.Column("owner_mailbox", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("language", sa.String(), nullable=False, server_default="nl"))
    with op.batch_alter_table("page_links") as table:
        table.alter_column("colleague_id", existing_type=sa.String(), nullable=True)
        table.add_column(sa.Column("organisation_id", sa.String(), nullable=True))
        table.create_foreign_key(
            "fk_page_links_organisation_id", "organisations", ["organisation_id"], ["id"]
        )
        table.create_index("ix_page_links_organisation_id", ["organisation_id"])

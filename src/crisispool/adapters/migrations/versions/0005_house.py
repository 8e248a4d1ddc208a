"""The house itself: messages, operations done, the audit chain, talks, page links, the set-up."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("recipient_kind", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("about_kind", sa.String(), nullable=False),
        sa.Column("about_id", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("dedupe", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_outbox_network_id"),
        sa.UniqueConstraint("dedupe", name="uq_outbox_dedupe"),
    )
    op.create_index("ix_outbox_about_id", "outbox", ["about_id"])
    op.create_index("ix_outbox_network_id", "outbox", ["network_id"])
    op.create_index("ix_outbox_recipient_id_at", "outbox", ["recipient_id", "at"])
    op.create_index("ix_outbox_state_at", "outbox", ["state", "at"])

    op.create_table(
        "messages_seen",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "colleague_id", name="pk_messages_seen"),
        sa.ForeignKeyConstraint(["message_id"], ["outbox.id"], name="fk_messages_seen_message_id"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_messages_seen_colleague_id"),
    )
    op.create_index("ix_messages_seen_colleague_id", "messages_seen", ["colleague_id"])

    op.create_table(
        "operations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operations"),
    )
    op.create_index("ix_operations_at", "operations", ["at"])

    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_entries"),
    )
    op.create_index(
        "ix_audit_entries_subject_kind_subject_id", "audit_entries", ["subject_kind", "subject_id"]
    )

    op.create_table(
        "audit_head",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    # The chain ends here before its first entry; writers lock this row.
    op.bulk_insert(
        sa.table(
            "audit_head",
            *(sa.column(name, sa.String()) for name in ("id", "digest", "seal")),
            sa.column("seq", sa.Integer()),
        ),
        [{"id": "audit", "seq": 0, "digest": "", "seal": ""}],
    )

    op.create_table(
        "chat_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chat_sessions"),
    )

    op.create_table(
        "page_links",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("colleague_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bound_digest", sa.String(), nullable=True),
        sa.Column("bound_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_page_links"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_page_links_network_id"),
        sa.ForeignKeyConstraint(["colleague_id"], ["colleagues.id"], name="fk_page_links_colleague_id"),
        sa.UniqueConstraint("digest", name="uq_page_links_digest"),
    )
    op.create_index("ix_page_links_bound_digest", "page_links", ["bound_digest"])
    op.create_index("ix_page_links_colleague_id", "page_links", ["colleague_id"])
    op.create_index("ix_page_links_expires_at", "page_links", ["expires_at"])
    op.create_index("ix_page_links_network_id", "page_links", ["network_id"])

    op.create_table(
        "set_up",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_set_up"),
    )

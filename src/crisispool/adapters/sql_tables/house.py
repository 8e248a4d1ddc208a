"""Tables of the house itself: messages, operations done, the audit chain, talks, page links, the set-up."""

from typing import Any

from sqlalchemy import Connection, Table, event

from crisispool.adapters.sql_tables.declare import METADATA, table
from crisispool.domain.audit import HEAD, ChainHead
from crisispool.domain.record import (
    AuditEntry,
    ChatSession,
    Message,
    MessageSeen,
    Operation,
    PageLink,
    SetUp,
)

table(
    Message,
    "outbox",
    links={"network_id": "networks.id"},
    unique=[("dedupe",)],
    index=[("recipient_id", "at"), ("about_id",), ("state", "at")],
)
table(
    MessageSeen,
    "messages_seen",
    key=["message_id", "colleague_id"],
    links={"message_id": "outbox.id", "colleague_id": "colleagues.id"},
)
table(Operation, "operations", index=[("at",)])
# No foreign key leaves the audit chain: what it tells about may be erased when its term is over.
table(AuditEntry, "audit_entries", key=["seq"], index=[("subject_kind", "subject_id")])
table(ChainHead, "audit_head")


@event.listens_for(METADATA.tables["audit_head"], "after_create")
def _begin_chain(head: Table, connection: Connection, **_: Any) -> None:
    # The chain ends here before its first entry; writers lock this row.
    connection.execute(head.insert().values(id=HEAD, seq=0, digest="", seal=""))


table(ChatSession, "chat_sessions", versioned=True)
table(
    PageLink,
    "page_links",
    links={
        "network_id": "networks.id",
        "colleague_id": "colleagues.id",
        "organisation_id": "organisations.id",
    },
    unique=[("digest",)],
    index=[("bound_digest",), ("expires_at",)],
)
table(SetUp, "set_up", key=["key"])

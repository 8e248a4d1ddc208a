"""Tables of the messenger and the mail: who is linked, what came in, what goes out."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.messenger import (
    ChatTurn,
    ChatView,
    Delivery,
    InboxUpdate,
    Invitation,
    MessengerLink,
    UsedSignature,
)

table(
    MessengerLink,
    "messenger_links",
    links={"network_id": "networks.id", "colleague_id": "colleagues.id"},
    unique=[("account",)],
    versioned=True,
)
table(
    Invitation,
    "invitations",
    links={
        "network_id": "networks.id",
        "organisation_id": "organisations.id",
        "colleague_id": "colleagues.id",
        "link_id": "messenger_links.id",
    },
    unique=[("digest",)],
)
table(InboxUpdate, "inbox", index=[("state", "next_try_at"), ("account", "number")])
table(UsedSignature, "used_signatures", index=[("at",)])
table(
    ChatView,
    "chat_views",
    links={"id": "messenger_links.id"},
    index=[("next_try_at",)],
    versioned=True,
)
table(ChatTurn, "chat_turns", links={"id": "messenger_links.id"}, versioned=True)
table(
    Delivery,
    "deliveries",
    links={"message_id": "outbox.id", "network_id": "networks.id"},
    unique=[("message_id", "channel", "reader_id")],
    index=[("channel", "next_try_at"), ("reader_id", "at")],
    versioned=True,
)

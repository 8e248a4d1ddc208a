"""The messenger: who is linked to it, what came in, what each chat must show, and what was delivered where."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisispool.domain.organisation import Role
from crisispool.domain.secret import Secret


class LinkState(StrEnum):
    """How far a messenger account is linked to a colleague."""

    WAITING = "waiting"
    ACTIVE = "active"
    BLOCKED = "blocked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time way in: bound to a role and an organisation, or to a colleague who is there already.

    Whoever uses it has a `code` of four digits to read to the coordinator, who then approves. `digest` is of the
    secret in the link. `link_id` is the account that used it.
    """

    id: str
    network_id: str
    digest: str
    role: Role
    organisation_id: str | None
    colleague_id: str | None
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    link_id: str | None = None
    code: str = ""
    decided_at: datetime | None = None
    decided_by: str | None = None
    approved: bool = False


@dataclass(frozen=True, slots=True)
class MessengerLink:
    """One messenger account. `account` is a keyed digest of its number, null once the link has ended, so that
    an account has one living link; `chat` is where to write to. No colleague until a coordinator approved.
    """

    id: str
    network_id: str
    account: str | None
    chat: Secret
    state: LinkState
    language: str
    made_at: datetime
    colleague_id: str | None = None
    ended_at: datetime | None = None
    version: int = 1


class UpdateState(StrEnum):
    """What became of something that came in."""

    WAITING = "waiting"
    DONE = "done"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class InboxUpdate:
    """Something that came in, kept before the messenger is told that it arrived.

    `number` orders what one account sent. `content` is what matters of it as JSON: never free text.
    """

    id: str
    number: int
    account: str
    content: Secret
    received_at: datetime
    state: UpdateState = UpdateState.WAITING
    tries: int = 0
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UsedSignature:
    """A signature of the messenger that opened a page: each works once. `id` is a digest of it."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatView:
    """What the chat of a linked account must show and what it shows: the one bubble that is edited in place.

    `screen` is the newest screen as JSON, without the secrets of pages. `wanted` rises with each; `shown` is the
    last one that the messenger took. `message_id` is the bubble, `last_message_id` the newest message of the chat
    that is known. `next_try_at`: when to bring it up to date; None when it is.
    """

    id: str
    screen: Secret
    wanted: int
    shown: int = 0
    message_id: int | None = None
    last_message_id: int = 0
    next_try_at: datetime | None = None
    tries: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """Whose turn it is to write to the chat of a link: one process at a time, one thing after the other.

    `until`: nobody else writes before. `newest` is the newest message of the chat that we wrote, `told_at` when
    somebody was last told something there. `menu` is what its menu of commands was made from.
    """

    id: str
    until: datetime | None = None
    newest: int = 0
    told_at: datetime | None = None
    menu: str = ""
    version: int = 1


class Channel(StrEnum):
    """How something is told."""

    MESSENGER = "messenger"
    MAIL = "mail"


class DeliveryState(StrEnum):
    """What became of a message on one way to one reader."""

    QUEUED = "queued"
    SENT = "sent"
    REPLACED = "replaced"
    FAILED = "failed"


ARRIVED = (DeliveryState.SENT, DeliveryState.REPLACED)
"""The reader has it, or something newer about the same."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way to one reader: the account of a colleague, or the mailbox of a service.

    `reader_id` is a `MessengerLink` or an `Organisation`. `external_id` is what the messenger or the mail calls
    it once it arrived. `reason` is a code of why it failed. `answer` is the sentence (key and facts) of what was
    tapped on it, so that it loses its buttons. `emptied_at`: when its words were taken back.
    """

    id: str
    message_id: str
    network_id: str
    channel: Channel
    reader_id: str
    urgent: bool
    at: datetime
    state: DeliveryState = DeliveryState.QUEUED
    next_try_at: datetime | None = None
    tries: int = 0
    sent_at: datetime | None = None
    external_id: str | None = None
    reason: str | None = None
    answer: dict[str, object] | None = None
    emptied_at: datetime | None = None
    version: int = 1

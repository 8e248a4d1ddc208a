"""Records of the house itself: messages to tell, operations done, the audit chain, talks and page links."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisispool.domain.secret import Secret


class MessageState(StrEnum):
    """What became of a message: nobody looked who reads it, it is on its way to them, somebody has it, nobody."""

    QUEUED = "queued"
    UNDER_WAY = "under_way"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell one colleague or one service: a text key and facts (codes and numbers only).

    `dedupe` is unique: a step that runs twice tells once. `recipient_kind` is
    ``colleague``, or which part of an organisation: ``owner`` (of units) or ``outreach``.
    """

    id: str
    network_id: str
    recipient_kind: str
    recipient_id: str
    key: str
    facts: dict[str, object]
    about_kind: str
    about_id: str
    urgent: bool
    dedupe: str
    at: datetime
    state: MessageState = MessageState.QUEUED


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """A colleague's terminal showed this message."""

    message_id: str
    colleague_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """One change asked once: repeating the id gives `answer` again, other content is refused."""

    id: str
    fingerprint: str
    answer: dict[str, object]
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change or one look at something confidential; `digest` chains to the entry before."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    details: dict[str, object]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class ChatSession:
    """Where a colleague is in a talk. `state` is JSON, sealed: it holds given answers."""

    id: str
    version: int
    state: Secret
    at: datetime


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link to a page of our own, kept as a digest.

    That of a colleague is for one browser: the first POST binds it (`bound_digest`) until `bound_until`; afterwards
    it can be renewed. That of an organisation went to its mailbox and works in any browser until it expires.
    """

    id: str
    network_id: str
    digest: str
    purpose: str
    subject_id: str
    colleague_id: str | None
    created_at: datetime
    expires_at: datetime
    bound_digest: str | None = None
    bound_until: datetime | None = None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class SetUp:
    """Facts about this set-up: mode (training or production), the training clock, the policy of the keys."""

    key: str
    value: str

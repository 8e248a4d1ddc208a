"""The audit chain: each entry's digest covers the one before, so that none can change or vanish unnoticed."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from crisispool.domain.record import AuditEntry


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the chain ends: the last entry's number and digest; 0 and empty before the first.

    `seal` is a keyed hash of `claim(seq, digest)`: who can write rows but lacks the key cannot forge a chain.
    """

    id: str
    seq: int
    digest: str
    seal: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: an entry's number and digest; the default is before the first."""

    seq: int = 0
    digest: str = ""


HEAD = "audit"
"""The id of the only `ChainHead`."""

SEAL_PURPOSE = "audit_head"
"""The purpose under which the vault seals the head."""


def claim(seq: int, digest: str) -> str:
    """What the head's seal is a keyed hash of."""
    return f"{seq}:{digest}"


def plain(details: Mapping[str, object]) -> dict[str, object]:
    """Details as they come back from JSON: tuples are lists, dates and moments ISO text.

    TypeError or ValueError: something that JSON cannot say.
    """
    plain_details: dict[str, object] = json.loads(json.dumps(details, default=_text, allow_nan=False))
    return plain_details


def next_entry(
    head_seq: int, head_digest: str, *, at: datetime, actor: str, action: str,
    subject_kind: str, subject_id: str, details: Mapping[str, object],
) -> AuditEntry:  # fmt: skip
    """The entry that follows the one with this number and digest."""
    entry = AuditEntry(
        head_seq + 1, at, actor, action, subject_kind, subject_id, plain(details), head_digest, ""
    )
    return AuditEntry(
        entry.seq, at, actor, action, subject_kind, subject_id, entry.details, head_digest, digest_of(entry)
    )


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 (hex) of the previous digest and everything the entry says, as canonical JSON."""
    said = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": [entry.subject_kind, entry.subject_id],
        "details": entry.details,
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(f"{entry.previous}\n{canonical}".encode()).hexdigest()


def broken_link(entries: Iterable[AuditEntry], head: ChainHead | None) -> int | None:
    """The number of the first entry, in order of number, that is not as it was written; None when all are.

    An entry missing at the end shows as the number after the last. Whether `head` itself is genuine is for
    whoever has the key: its `seal` must be the digest of `claim(seq, digest)`, once there is an entry.
    """
    found = list(entries)
    reached = follow(Link(), found)
    return None if reached.seq == len(found) and reached == end_of(head) else reached.seq + 1


def follow(since: Link, entries: Iterable[AuditEntry]) -> Link:
    """The last link that is as it was written, of these entries in order of number that come after `since`."""
    for entry in entries:
        right = entry.seq == since.seq + 1 and entry.previous == since.digest
        if not right or entry.digest != digest_of(entry):
            break
        since = Link(entry.seq, entry.digest)
    return since


def end_of(head: ChainHead | None) -> Link:
    """The link that the head says is the last."""
    return Link(head.seq, head.digest) if head else Link()


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"an audit entry cannot hold {type(value).__name__}")

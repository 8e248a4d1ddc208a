"""A browser that somebody signed in with: how long it stays so, and when a weighty step asks to sign in anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

IDLE: Final = timedelta(hours=2)
LONGEST: Final = timedelta(hours=14)
"""A night shift with what comes before and after it."""
FRESH: Final = timedelta(minutes=5)
SEEN_EVERY: Final = timedelta(minutes=1)
"""A session that is used is written down as seen at most this often."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """One browser of one colleague. `digest` is of the secret in its cookie.

    `seen_at` is kept only as long as the session lives. `verified_at`: when the person last proved who they are;
    None when they never did.
    """

    id: str
    digest: str
    colleague_id: str
    made_at: datetime
    seen_at: datetime
    verified_at: datetime | None = None
    ended_at: datetime | None = None


def lives(session: WebSession, now: datetime) -> bool:
    """Whether it still opens anything."""
    return session.ended_at is None and now < ends_by_itself(session)


def ends_by_itself(session: WebSession) -> datetime:
    """When it is over if nobody does anything."""
    return min(session.seen_at + IDLE, session.made_at + LONGEST)


def is_fresh(session: WebSession, now: datetime) -> bool:
    """Whether who uses it proved who they are just now."""
    return session.verified_at is not None and now < session.verified_at + FRESH

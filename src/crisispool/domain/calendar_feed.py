"""The own shifts in somebody's own calendar: an address that only they have."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

KEPT_BACK: Final = timedelta(days=30)
"""How long a shift that is over stays in the calendar."""


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """One address of one colleague. `digest` is of the secret in it."""

    id: str
    colleague_id: str
    digest: str
    made_at: datetime
    ended_at: datetime | None = None

"""Bookings that stood on paper while nothing digital worked: which moments and references there are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from crisispool.domain.calendar import DAY, NetworkCalendar, Night
from crisispool.domain.errors import BadInput
from crisispool.domain.night_list import KEPT_FOR

REFERENCES: Final = tuple(f"P-{n}" for n in range(1, 9))
"""What stands on the night list for a booking on paper until it is entered."""


@dataclass(frozen=True, slots=True)
class PaperBooking:
    """A line of the form on the night list, entered afterwards. `night` is the first night of its booking;
    (network_id, night, reference) is unique, so that one line becomes one booking."""

    id: str
    network_id: str
    night: date
    reference: str
    booking_id: str
    happened_at: datetime
    entered_at: datetime
    by: str


def oldest_moment(now: datetime) -> datetime:
    """How far back a line may be entered: as long as its night list is kept; then its paper is shredded."""
    return now - KEPT_FOR


def night_on_paper(happened_at: datetime, now: datetime, calendar: NetworkCalendar) -> Night:
    """The night that a booking of this moment begins with. BadInput ``happened_at``: it is still to come, or too
    long ago."""
    if happened_at > now:
        raise BadInput("happened_at", "moment_to_come")
    if happened_at < oldest_moment(now):
        raise BadInput("happened_at", "too_long_ago")
    return calendar.night_of(happened_at)


def slept_before(night: Night, nights: int) -> tuple[Night, ...]:
    """The nights in a row up to the evening before."""
    return tuple(night - DAY * (n + 1) for n in range(nights))

"""The list before closed days: one line for each household that has no bed until the next working day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.calendar import NetworkCalendar


class LineReason(StrEnum):
    """Why a household is on the list. Policy: the next working day, section 7."""

    ENDS_TODAY = "ends_today"
    ENDS_ON_CLOSED_DAY = "ends_on_closed_day"


class LineAnswer(StrEnum):
    """What outreach decided for a household."""

    EXTENDED = "extended"
    LEAVES = "leaves"
    ELSEWHERE = "elsewhere"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class WeekendLine:
    """One household on the list of `day`, the last working day before closed days.

    `checkout` is where the stay ended then. `answer` is what somebody said; what happened in the meantime
    answers a line as well, and is not stored.
    """

    id: str
    network_id: str
    case_id: str
    booking_id: str
    day: date
    reason: LineReason
    checkout: date
    made_at: datetime
    answer: LineAnswer | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    version: int = 1


def reason_for(booking: Booking, day: date, calendar: NetworkCalendar) -> LineReason | None:
    """Why a live booking is on the list of `day`, None when it lasts until the next working day."""
    if booking.state not in LIVE_STATES or booking.checkout >= calendar.next_working_day(day):
        return None
    return LineReason.ENDS_TODAY if booking.checkout <= day else LineReason.ENDS_ON_CLOSED_DAY


def nights_to_bridge(checkout: date, tonight: date, back: date) -> tuple[date, int]:
    """The first night that a stay lacks, from tonight on, and how many there are until the working day `back`."""
    first = max(checkout, tonight)
    return first, max((back - first).days, 0)

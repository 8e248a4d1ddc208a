"""Coming and going: when to ask whether people arrived, which nights count when they leave or cancel."""

from collections.abc import Iterable
from datetime import datetime

from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.calendar import DAY, NetworkCalendar, Night
from crisispool.domain.policy import Policy


def ask_arrival_at(booking: Booking, expected_at: datetime | None, policy: Policy) -> datetime | None:
    """When the desk asks next whether they are inside; None when it is known or was asked often enough.

    `expected_at` is the arrival that was named; without one, or when it was past already, people are expected
    from the booking on. Silence is not a no-show: after the last question they are presumed inside.
    Policy: what counts, section 4.
    """
    if booking.arrival_known or booking.arrival_asked >= len(policy.ask_arrival_after):
        return None
    expected = max(expected_at or booking.at, booking.at)
    return expected + policy.ask_arrival_after[booking.arrival_asked]


def cancellable_free(booking: Booking, now: datetime, calendar: NetworkCalendar) -> bool:
    """Whether a cancellation counts no night: nobody arrived, and it is before 06:00 after the first night.

    Policy: what counts, section 4.
    """
    turns = calendar.instant(booking.night + DAY, calendar.night_turns)
    return booking.state is BookingState.BOOKED and not booking.arrival_known and now < turns


def nights_after_leaving(booking: Booking, now: datetime, calendar: NetworkCalendar) -> tuple[Night, ...]:
    """The nights that still count when people leave now: those before today's date.

    Leaving on Saturday at 04:00 keeps Friday's night and drops Saturday's; leaving on Friday at 23:00 drops
    Friday's too, so that somebody else can sleep there. Policy: what counts, section 4.
    """
    today = calendar.local(now).date()
    return tuple(night for night in booking.nights if night < today)


def inside(booking: Booking, now: datetime, calendar: NetworkCalendar) -> bool:
    """Whether people are or were inside, as far as anybody knows: who said nothing until 06:00 is presumed so.

    Policy: what counts, section 4.
    """
    return booking.arrival_known or not (
        booking.state in NEVER_CAME or cancellable_free(booking, now, calendar)
    )


def follows(booking: Booking, others: Iterable[Booking]) -> bool:
    """Whether people were inside another booking of their case before this one: more nights, or a move.

    Who brought them does not bring them to this one.
    """
    return any(
        (other.arrived_at is not None and other.arrived_at <= booking.at)
        or (other.night < booking.night and other.state not in NEVER_CAME)
        for other in others
        if other.id != booking.id
    )


NEVER_CAME = frozenset({BookingState.CANCELLED, BookingState.NO_SHOW})

"""The nights of a unit one by one, as its owner looks at them."""

from dataclasses import replace
from datetime import datetime

from crisispool.domain.availability import NotGiven, UnitFacts, can_be_given
from crisispool.domain.calendar import DAY, NetworkCalendar, Night

FREE = "free"
DEPARTURE = "departure"
"""The evening after a check-out: given again once the people have left."""


def night_uses(
    facts: UnitFacts, first: Night, nights: int, now: datetime, calendar: NetworkCalendar
) -> tuple[tuple[Night, str], ...]:
    """Each night from `first` on with what takes it: `FREE`, `DEPARTURE` or a `NotGiven`.

    A turnover is shown up to the day it is due; whether it ends then somebody must still say.
    """
    made_ready = replace(facts, turnover=None)
    due = calendar.night_of(facts.turnover.due_at) if facts.turnover else first
    return tuple(
        (night, _use(facts if night < due or night == first else made_ready, night, now, calendar))
        for night in (first + DAY * n for n in range(nights))
    )


def _use(facts: UnitFacts, night: Night, now: datetime, calendar: NetworkCalendar) -> str:
    why = can_be_given(facts, (night,), now, calendar)
    slept_in = night in facts.nights_taken or any(night in booking.nights for booking in facts.bookings)
    if why is NotGiven.BOOKED and not slept_in:
        return DEPARTURE
    return FREE if why is None else why

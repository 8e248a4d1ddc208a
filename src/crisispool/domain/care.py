"""Weekend care: one call a closed day to each household in the network, and what comes of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.policy import Policy


class CareResult(StrEnum):
    """What the desk found. Policy: weekend care, section 5."""

    WELL = "well"
    HELP = "help"
    LEFT = "left"
    NO_ANSWER = "no_answer"


class CareState(StrEnum):
    """Where a call stands: open, or how it ended. `ended`: the stay was over before anybody called."""

    OPEN = "open"
    WELL = "well"
    HELP = "help"
    LEFT = "left"
    NO_ANSWER = "no_answer"
    NOT_CALLED = "not_called"
    ENDED = "ended"


class CareStep(StrEnum):
    """What happens next when nobody records anything."""

    OVERDUE = "overdue"
    AGAIN = "again"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class CareCall:
    """The call of one closed day to the household of one booking. `tries`: how often nobody answered."""

    id: str
    network_id: str
    booking_id: str
    day: date
    state: CareState
    opened_at: datetime
    tries: int = 0
    next_step: CareStep | None = None
    next_action_at: datetime | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    version: int = 1


def is_called(booking: Booking, since: date, day: date) -> bool:
    """Whether the household of this booking, in the network `since` that night, is called on `day`: they slept in
    the network, and until somebody says that they left they are presumed inside."""
    return booking.state in LIVE_STATES and since < day and booking.night <= day


def opened(call: CareCall, calendar: NetworkCalendar, policy: Policy) -> CareCall:
    """The call, with what follows when nobody records anything."""
    return _next(call, CareStep.OVERDUE, calendar, policy)


def recorded(
    call: CareCall, result: CareResult, by: str, now: datetime, calendar: NetworkCalendar, policy: Policy
) -> CareCall:
    """What the desk found. No answer before the evening: asked again then; in the evening: that was the last try."""
    call = replace(call, answered_by=by, answered_at=now, next_step=None, next_action_at=None)
    if result is not CareResult.NO_ANSWER:
        return replace(call, state=CareState(result))
    tried = replace(call, tries=call.tries + 1, state=CareState.OPEN)
    if now < calendar.instant(call.day, policy.care_again_at):
        return _next(tried, CareStep.AGAIN, calendar, policy)
    return replace(tried, state=CareState.NO_ANSWER)


def after_step(call: CareCall, calendar: NetworkCalendar, policy: Policy) -> CareCall:
    """The call after the step that was due: the last one closes it, so that nothing waits for ever."""
    if call.next_step is not CareStep.CLOSE:
        return _next(call, CareStep.CLOSE, calendar, policy)
    return closed(call, CareState.NO_ANSWER if call.tries else CareState.NOT_CALLED)


def closed(call: CareCall, state: CareState) -> CareCall:
    """The call, over for the day."""
    return replace(call, state=state, next_step=None, next_action_at=None)


def _next(call: CareCall, step: CareStep, calendar: NetworkCalendar, policy: Policy) -> CareCall:
    at = {
        CareStep.OVERDUE: policy.care_overdue_at,
        CareStep.AGAIN: policy.care_again_at,
        CareStep.CLOSE: policy.care_closes_at,
    }[step]
    return replace(call, next_step=step, next_action_at=calendar.instant(call.day, at))

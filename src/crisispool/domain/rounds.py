"""Rounds: what comes back at a local time of certain days, each with the moment at which it is due next."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from crisispool.domain.calendar import DAY, LONGEST_CLOSURE, NetworkCalendar
from crisispool.domain.policy import Policy


class RoundKind(StrEnum):
    """What comes back. Policy: weekend care, section 5; freshness, 6; the list before the weekend, 7."""

    CARE = "care"
    WEEKEND_LIST = "weekend_list"
    WEEKEND_LIST_OPEN = "weekend_list_open"
    UNITS = "units"
    ROSTER = "roster"
    NIGHT_LIST = "night_list"


ROSTER_AT = time(16)
"""When coordinators hear of a night without somebody, while there is time to call around."""
NIGHT_LIST_AT = time(16, 30)
"""When the list on paper is made: owners have answered, and there is somebody in the office to print it."""


@dataclass(frozen=True, slots=True)
class Round:
    """One kind of round of one network. What was due up to `since` is done; `due_at` is the next moment after it."""

    id: str
    network_id: str
    kind: RoundKind
    since: datetime
    due_at: datetime


def next_moment(kind: RoundKind, after: datetime, calendar: NetworkCalendar, policy: Policy) -> datetime:
    """The first moment later than `after` at which this round is due. ValueError: the calendar has no such day.

    Weekend care: every closed day. The list, and the look at what is still open on it: the last working day
    before a closed day. The owners' round and the night list: every working day. The rosters: every day.
    """
    day = calendar.local(after).date()
    for _ in range(2 * LONGEST_CLOSURE):
        if _comes_on(kind, day, calendar) and (moment := calendar.instant(day, _at(kind, policy))) > after:
            return moment
        day += DAY
    raise ValueError(f"no day for the round {kind}: check the closing days")


def moments(
    kind: RoundKind, since: datetime, now: datetime, calendar: NetworkCalendar, policy: Policy
) -> tuple[datetime, ...]:
    """The moments later than `since` and not later than `now` at which this round was due."""
    found: list[datetime] = []
    while (moment := next_moment(kind, found[-1] if found else since, calendar, policy)) <= now:
        found.append(moment)
    return tuple(found)


def still_makes_sense(
    kind: RoundKind, due_at: datetime, now: datetime, calendar: NetworkCalendar, policy: Policy
) -> bool:
    """Whether a round that comes late is still done: people are called, owners asked and gaps told the same day;
    the list serves as long as the closed days have not passed, the one on paper until offices open."""
    day = calendar.local(due_at).date()
    if kind in (RoundKind.UNITS, RoundKind.ROSTER):
        return calendar.local(now).date() == day
    if kind is RoundKind.CARE:
        return now < calendar.instant(day, policy.care_closes_at)
    if kind is RoundKind.NIGHT_LIST:
        return now < calendar.instant(calendar.next_working_day(day), calendar.office_opens)
    return calendar.local(now).date() < calendar.next_working_day(day)


def _comes_on(kind: RoundKind, day: date, calendar: NetworkCalendar) -> bool:
    if kind is RoundKind.ROSTER:
        return True
    if kind is RoundKind.CARE:
        return not calendar.is_working_day(day)
    if kind in (RoundKind.UNITS, RoundKind.NIGHT_LIST):
        return calendar.is_working_day(day)
    return calendar.is_working_day(day) and calendar.is_bridge_night(day)


def _at(kind: RoundKind, policy: Policy) -> time:
    return {
        RoundKind.CARE: policy.care_at,
        RoundKind.WEEKEND_LIST: policy.weekend_list_at,
        RoundKind.WEEKEND_LIST_OPEN: policy.weekend_list_until,
        RoundKind.UNITS: policy.units_round_at,
        RoundKind.ROSTER: ROSTER_AT,
        RoundKind.NIGHT_LIST: NIGHT_LIST_AT,
    }[kind]

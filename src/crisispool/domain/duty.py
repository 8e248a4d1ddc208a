"""Who is on duty when: shifts of the on-call desk and of the coordinator on call."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.calendar import DAY, NetworkCalendar, Night
from crisispool.domain.organisation import OrganisationKind, Role
from crisispool.domain.policy import Policy


class Duty(StrEnum):
    """The two rosters, and who stands behind the desk."""

    CALLTAKER = "calltaker"
    BACKUP = "backup"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class DutyShift:
    """A colleague on a roster from `starts_at` up to `ends_at` (UTC)."""

    id: str
    network_id: str
    duty: Duty
    colleague_id: str
    starts_at: datetime
    ends_at: datetime


ROLES = {Duty.CALLTAKER: Role.CALLTAKER, Duty.BACKUP: Role.CALLTAKER, Duty.COORDINATOR: Role.COORDINATOR}
"""The role of who can be on each roster."""


class OfferState(StrEnum):
    """What became of a shift that was offered."""

    OPEN = "open"
    ACCEPTED = "accepted"
    ENDED = "ended"
    TAKEN_OFF = "taken_off"


@dataclass(frozen=True, slots=True)
class ShiftOffer:
    """A shift that somebody gives away: to one colleague (`to_id`), or to the first who takes it.

    A coordinator who puts somebody else in leaves the same row, accepted at once, and one who takes somebody off the
    roster too: a region file that is loaded again does not undo what people agreed. `from_id` had the shift.
    """

    id: str
    network_id: str
    shift_id: str
    from_id: str
    to_id: str | None
    offered_by: str
    at: datetime
    state: OfferState = OfferState.OPEN
    accepted_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class FallbackPlace:
    """Where to turn when no unit is free; `kind` is reserve, hotel, night_shelter, youth_crisis_line…"""

    id: str
    network_id: str
    kind: str
    name: str
    phone: str
    nis: str | None
    position: int
    checked_on: str | None = None


REGISTER_EARLY = frozenset({OrganisationKind.OCMW, OrganisationKind.CAW})
"""Who may register in the afternoon for the coming night."""


def may_ask(kind: OrganisationKind | None, now: datetime, calendar: NetworkCalendar, policy: Policy) -> bool:
    """Whether a service of this kind asks the network for a bed now. In office hours a service that is open then
    comes first; OCMW and CAW register from the afternoon on. Policy: office hours, section 3."""
    if not calendar.is_office_hours(now):
        return True
    return kind in REGISTER_EARLY and calendar.local(now).time() >= policy.early_registration_from


def on_duty(shifts: Iterable[DutyShift], duty: Duty, at: datetime) -> tuple[str, ...]:
    """Ids of the colleagues on this roster at a moment: who came first first, each once."""
    present = [s for s in standing(shifts, duty) if s.starts_at <= at < s.ends_at]
    present.sort(key=lambda s: (s.starts_at, s.id))
    return tuple(dict.fromkeys(s.colleague_id for s in present))


def standing(shifts: Iterable[DutyShift], duty: Duty) -> tuple[DutyShift, ...]:
    """The shifts of a roster for as long as they count: who takes the calls stands behind nobody in those hours.

    A shift behind the desk may come back in pieces, of the same id.
    """
    rows = tuple(shifts)
    mine = tuple(s for s in rows if s.duty is duty)
    if duty is not Duty.BACKUP:
        return mine
    return tuple(
        replace(s, starts_at=start, ends_at=end)
        for s in mine
        for start, end in gaps(
            (each for each in rows if each.colleague_id == s.colleague_id),
            Duty.CALLTAKER,
            s.starts_at,
            s.ends_at,
        )
    )


def next_shift(shifts: Iterable[DutyShift], duty: Duty, after: datetime) -> DutyShift | None:
    """The first shift of this roster that starts after a moment."""
    later = (s for s in shifts if s.duty is duty and s.starts_at > after)
    return min(later, key=lambda s: (s.starts_at, s.id), default=None)


def gaps(
    shifts: Iterable[DutyShift], duty: Duty, start: datetime, end: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches between two moments in which nobody is on this roster."""
    found: list[tuple[datetime, datetime]] = []
    covered_until = start
    for shift in sorted(standing(shifts, duty), key=lambda s: s.starts_at):
        if shift.starts_at >= end:
            break
        if shift.starts_at > covered_until:
            found.append((covered_until, shift.starts_at))
        covered_until = max(covered_until, shift.ends_at)
    if covered_until < end:
        found.append((covered_until, end))
    return tuple(found)


def passed_on(shift: DutyShift, to_id: str, now: datetime, new_id: str) -> tuple[DutyShift, ...]:
    """The shift once somebody else has it: all of it, or when it runs what is left. At each moment it is covered
    by one of the two, as it was."""
    if now <= shift.starts_at:
        return (replace(shift, colleague_id=to_id),)
    rest = replace(shift, id=new_id, colleague_id=to_id, starts_at=now)
    return replace(shift, ends_at=now), rest


def clashes(shift: DutyShift, others: Iterable[DutyShift], who: str, now: datetime) -> bool:
    """Whether somebody who takes a shift is on that roster then already: two places need two people. Who stands
    behind the desk may step forward."""
    start = max(shift.starts_at, now)
    return any(
        other.id != shift.id
        and other.colleague_id == who
        and other.duty is shift.duty
        and other.starts_at < shift.ends_at
        and other.ends_at > start
        for other in others
    )


def able_to_fill(
    able: Iterable[str], shifts: Iterable[DutyShift], duty: Duty, start: datetime, end: datetime
) -> tuple[str, ...]:
    """Of those who can be on a roster, who can fill this gap in it: who is free then, and only when nobody is,
    who stands on another roster. Who takes the calls cannot stand behind the desk at the same time."""
    there = [s for s in shifts if s.starts_at < end and s.ends_at > start]
    on_any = {s.colleague_id for s in there}
    who = tuple(able)
    free = tuple(each for each in who if each not in on_any)
    if free:
        return free
    taken = (duty, Duty.CALLTAKER) if duty is Duty.BACKUP else (duty,)
    out = {s.colleague_id for s in there if s.duty in taken}
    return tuple(each for each in who if each not in out)


def network_time(night: Night, calendar: NetworkCalendar) -> tuple[datetime, datetime]:
    """The stretch of a night label in which the network answers: all of it but office hours."""
    return _begins(night, calendar), _turns(night + DAY, calendar)


def open_stretches(
    shifts: Iterable[DutyShift], duty: Duty, start: datetime, end: datetime, calendar: NetworkCalendar
) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches between two moments in which the network answers and nobody is on this roster, in one piece
    where one night follows on the other."""
    found: list[tuple[datetime, datetime]] = []
    for since, until in gaps(shifts, duty, start, end):
        night = calendar.night_of(since) - DAY
        while network_time(night, calendar)[0] < until:
            opens, closes = network_time(night, calendar)
            first, last = max(since, opens), min(until, closes)
            if first < last:
                joined = bool(found) and found[-1][1] == first
                found.append((found.pop()[0] if joined else first, last))
            night += DAY
    return tuple(found)


def unfilled_nights(
    shifts: Iterable[DutyShift], duty: Duty, first: Night, nights: int, calendar: NetworkCalendar
) -> tuple[Night, ...]:
    """The night labels, of `nights` from `first` on, in which this roster has a gap in network time."""
    rows = tuple(shifts)
    labels = (first + DAY * n for n in range(nights))
    return tuple(label for label in labels if gaps(rows, duty, *network_time(label, calendar)))


def _begins(night: Night, calendar: NetworkCalendar) -> datetime:
    works = calendar.is_working_day(night)
    return calendar.instant(night, calendar.office_closes if works else calendar.night_turns)


def _turns(day: date, calendar: NetworkCalendar) -> datetime:
    works = calendar.is_working_day(day)
    return calendar.instant(day, calendar.office_opens if works else calendar.night_turns)

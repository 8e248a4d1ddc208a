"""Who is on duty when: shifts of the on-call desk and of the coordinator on call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.calendar import DAY, NetworkCalendar, Night
from crisispool.domain.organisation import OrganisationKind
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
    present = [s for s in shifts if s.duty is duty and s.starts_at <= at < s.ends_at]
    present.sort(key=lambda s: (s.starts_at, s.id))
    return tuple(dict.fromkeys(s.colleague_id for s in present))


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
    for shift in sorted((s for s in shifts if s.duty is duty), key=lambda s: s.starts_at):
        if shift.starts_at >= end:
            break
        if shift.starts_at > covered_until:
            found.append((covered_until, shift.starts_at))
        covered_until = max(covered_until, shift.ends_at)
    if covered_until < end:
        found.append((covered_until, end))
    return tuple(found)


def network_time(night: Night, calendar: NetworkCalendar) -> tuple[datetime, datetime]:
    """The stretch of a night label in which the network answers: all of it but office hours."""
    return _begins(night, calendar), _turns(night + DAY, calendar)


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

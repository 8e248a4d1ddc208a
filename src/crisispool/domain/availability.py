"""What a unit is right now and whether it may be given: one derivation that everything else asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from crisispool.domain.booking import Booking, Hold
from crisispool.domain.calendar import DAY, NetworkCalendar, Night
from crisispool.domain.unit import OutOfService, Placement, Turnover, Unit, UnitSource, UnitStatus

STALE_AFTER = 5
"""Rounds an owner may miss before a unit is only shown under "call first"."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """All that decides whether a unit is free.

    `placements`, `out_of_service` and `turnover` have not ended; `bookings` are live. `nights_taken` says
    ``held`` or ``booked`` for each night that a row of a live hold or a counting booking takes; `hold_until`
    is when the last of those holds lapses, `held_by_network` whose each of the nights held is.
    """

    unit: Unit
    placements: tuple[Placement, ...] = ()
    out_of_service: OutOfService | None = None
    turnover: Turnover | None = None
    bookings: tuple[Booking, ...] = ()
    nights_taken: Mapping[Night, str] = field(default_factory=dict)
    hold_until: datetime | None = None
    held_by_network: Mapping[Night, str] = field(default_factory=dict)


class Freshness(StrEnum):
    """How far the owner's last word can be trusted."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    STALE = "stale"


class NotGiven(StrEnum):
    """Why a unit may not be given for a night."""

    NIGHT_PAST = "night_past"
    OUT_OF_SERVICE = "out_of_service"
    OCCUPIED = "occupied"
    BOOKED = "booked"
    HELD = "held"
    TURNOVER = "turnover"
    PROMISED = "promised"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class UnitState:
    """What a unit is at a moment.

    `until`: the morning on which a placement or booking ends, the morning by which a free unit must be empty
    again, the moment at which a hold lapses or a turnover is due; None when nobody knows or nothing follows.
    `offered` is whether the network may use it tonight at all (participation, rota, promise).
    """

    status: UnitStatus
    until: date | datetime | None
    cleaned: bool
    freshness: Freshness
    offered: bool


def status(
    facts: UnitFacts, now: datetime, calendar: NetworkCalendar, *, stale_after: int = STALE_AFTER
) -> UnitState:
    """The unit's status tonight, first match in the order of `UnitStatus`. Policy: section 6.

    Tonight is the night label of `now`: a placement from Wednesday on begins when Tuesday night is over.
    """
    tonight = calendar.night_of(now)
    found, until = _status(facts, tonight, now, calendar)
    return UnitState(
        status=found,
        until=until,
        cleaned=facts.unit.cleaned,
        freshness=freshness(facts.unit.confirmed_at, now, calendar, stale_after),
        offered=_not_offered(facts.unit, tonight) is None,
    )


def can_be_given(
    facts: UnitFacts,
    nights: Sequence[Night],
    now: datetime,
    calendar: NetworkCalendar,
    *,
    own_booking_id: str | None = None,
    own_hold: Hold | None = None,
) -> NotGiven | None:
    """None when the unit may be given for all these nights, else why the first impossible one may not.

    An extension names its own booking and a booking the hold it comes from: neither is in its own way.
    """
    held = _held_nights(own_hold)
    for night in sorted(nights):
        why = _why_not(facts, night, now, calendar, own_booking_id, held)
        if why is not None:
            return why
    return None


def cannot_be_inside(facts: UnitFacts, first: Night, last: Night) -> NotGiven | None:
    """Why people whose own nights ended before `first` are not in the unit any more, up to and with `last`: it was
    closed, or somebody else has it. None when they may still be there."""
    if facts.out_of_service:
        return NotGiven.OUT_OF_SERVICE
    nights = [first + DAY * n for n in range((last - first).days + 1)]
    if any(_covers(placement, night) for placement in facts.placements for night in nights):
        return NotGiven.OCCUPIED
    return NotGiven.BOOKED if any(night in facts.nights_taken for night in nights) else None


def stay_in(facts: UnitFacts, night: Night, now: datetime, calendar: NetworkCalendar) -> Booking | None:
    """The stay that keeps the unit in this night, tonight or a later one; None when it is over or only comes then."""
    inside = [each for each in facts.bookings if night in _nights_inside(each, now, calendar)]
    return max(inside, key=lambda booking: booking.night, default=None)


def network_of(facts: UnitFacts, night: Night, now: datetime, calendar: NetworkCalendar) -> str | None:
    """Whose the stay or else the hold is that takes this night; None when there is none."""
    if stay := stay_in(facts, night, now, calendar):
        return stay.network_id
    return facts.held_by_network.get(night)


def free_nights(
    facts: UnitFacts, first: Night, horizon_days: int, now: datetime, calendar: NetworkCalendar
) -> frozenset[Night]:
    """The nights from `first` on, `horizon_days` of them, for which the unit may be given."""
    nights = (first + DAY * n for n in range(horizon_days))
    return frozenset(night for night in nights if _why_not(facts, night, now, calendar) is None)


def earliest_placement(
    facts: UnitFacts, starts_on: date, until: date | None, now: datetime, calendar: NetworkCalendar
) -> date:
    """The first date from `starts_on` on which the owner's own placement is in nobody's way.

    A placement wins over a free unit at any time, never over a hold or a live booking. It may be planned from
    the day of a check-out on; once that day has come, people still inside go first. Policy: section 6.
    """
    tonight = calendar.night_of(now)
    taken = {night for night, by in facts.nights_taken.items() if not _lapsed(by, facts, now)}
    taken |= {night for booking in facts.bookings for night in booking.nights}
    taken |= {tonight for booking in facts.bookings if booking.checkout <= tonight}
    first = starts_on
    while blocking := [n for n in taken if n >= first and (until is None or n < until + (first - starts_on))]:
        first = max(blocking) + DAY
    return first


def freshness(
    confirmed_at: datetime | None, now: datetime, calendar: NetworkCalendar, stale_after: int = STALE_AFTER
) -> Freshness:
    """How fresh the owner's word is, by the number of rounds missed since. Policy: freshness, section 6.

    The round of a working day is over when its office hours end; who said something on that day, at any hour,
    or later has not missed it. No round missed: confirmed; `stale_after` or more: stale.
    """
    if confirmed_at is None:
        return Freshness.STALE
    said_on = calendar.local(confirmed_at).date()
    here = calendar.local(now)
    day, missed = here.date() + DAY, 0
    if here.time() < calendar.office_closes:
        day = here.date()
    while missed < stale_after and (day := calendar.previous_working_day(day)) > said_on:
        missed += 1
    if missed == 0:
        return Freshness.CONFIRMED
    return Freshness.UNCONFIRMED if missed < stale_after else Freshness.STALE


def _status(
    facts: UnitFacts, tonight: Night, now: datetime, calendar: NetworkCalendar
) -> tuple[UnitStatus, date | datetime | None]:
    if facts.out_of_service and facts.out_of_service.starts_at <= now:
        return UnitStatus.OUT_OF_SERVICE, None
    if placement := next((p for p in facts.placements if _covers(p, tonight)), None):
        return UnitStatus.OCCUPIED, placement.until
    if inside := [b for b in facts.bookings if b.night <= tonight]:
        return UnitStatus.BOOKED, max(booking.checkout for booking in inside)
    by = facts.nights_taken.get(tonight, "")
    if by == NotGiven.HELD and not _lapsed(by, facts, now):
        return UnitStatus.HELD, facts.hold_until
    if facts.turnover and facts.turnover.starts_at <= now:
        return UnitStatus.TURNOVER, facts.turnover.due_at
    return UnitStatus.FREE, _free_until(facts, tonight)


def _why_not(
    facts: UnitFacts,
    night: Night,
    now: datetime,
    calendar: NetworkCalendar,
    own_booking_id: str | None = None,
    own_held: frozenset[Night] = frozenset(),
) -> NotGiven | None:
    if night < calendar.night_of(now):
        return NotGiven.NIGHT_PAST
    if facts.out_of_service and calendar.night_of(facts.out_of_service.starts_at) <= night:
        return NotGiven.OUT_OF_SERVICE
    if any(_covers(placement, night) for placement in facts.placements):
        return NotGiven.OCCUPIED
    others = [booking for booking in facts.bookings if booking.id != own_booking_id]
    if any(night in _nights_inside(booking, now, calendar) for booking in others):
        return NotGiven.BOOKED
    taken = _taken(facts, night, now, own_booking_id, own_held)
    if taken or facts.turnover:
        return taken or NotGiven.TURNOVER
    # What the owner offers less of from now on never breaks a running hold.
    return None if night in own_held else _not_offered(facts.unit, night)


def _taken(
    facts: UnitFacts, night: Night, now: datetime, own_booking_id: str | None, own_held: frozenset[Night]
) -> NotGiven | None:
    by = facts.nights_taken.get(night)
    if by is None or _lapsed(by, facts, now):
        return None
    if by == NotGiven.HELD:
        return None if night in own_held else NotGiven.HELD
    own = (booking for booking in facts.bookings if booking.id == own_booking_id)
    return None if any(night in booking.nights for booking in own) else NotGiven.BOOKED


def _not_offered(unit: Unit, night: Night) -> NotGiven | None:
    if unit.free_until and night >= unit.free_until:
        return NotGiven.PROMISED
    joined = unit.joined_on is None or unit.joined_on <= night
    stays = unit.leaves_on is None or night < unit.leaves_on
    monday = night - timedelta(days=night.weekday())
    in_turn = unit.source is not UnitSource.ROTA or monday in unit.rota_weeks
    return None if joined and stays and in_turn else NotGiven.NOT_OFFERED


def _nights_inside(booking: Booking, now: datetime, calendar: NetworkCalendar) -> frozenset[Night]:
    """The nights a live booking keeps the unit: its own, and till check-out the one after them.

    Nobody is presumed gone on the morning of the check-out: the unit is given again once it is free.
    """
    evening_after = max(booking.checkout, calendar.night_of(now))
    return frozenset((*booking.nights, evening_after))


def _covers(placement: Placement, night: Night) -> bool:
    return placement.starts_on <= night and (placement.until is None or night < placement.until)


def _lapsed(by: str, facts: UnitFacts, now: datetime) -> bool:
    return by == NotGiven.HELD and facts.hold_until is not None and facts.hold_until <= now


def _held_nights(hold: Hold | None) -> frozenset[Night]:
    return frozenset(hold.night + DAY * n for n in range(hold.nights)) if hold else frozenset()


def _free_until(facts: UnitFacts, tonight: Night) -> date | None:
    """The morning by which a unit that is free tonight must be empty again."""
    starts = [night for night in facts.nights_taken if night > tonight]
    starts += [placement.starts_on for placement in facts.placements if placement.starts_on > tonight]
    starts += [day for day in (facts.unit.free_until, facts.unit.leaves_on) if day]
    return min(starts, default=None)

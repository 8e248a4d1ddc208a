"""The rules part of a region file: policy, admission criteria, fallback list, rosters."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from crisispool.domain.admission import Criterion, FailAction
from crisispool.domain.duty import Duty, DutyShift, FallbackPlace
from crisispool.domain.policy import Policy
from crisispool.domain.request import RefusalCode
from crisispool.domain.stay import Landing, StayPolicy
from crisispool.services.region_parts.names import Names
from crisispool.services.region_parts.reader import Reader, first_of

BY_NAME_AND_DATE = frozenset({"residence_status", "outside_region"})
"""Criteria that exist only when the steering group has switched them on."""

ROSTER = "roster"
"""Marks the ids of shifts that come from a file."""

DECISION = ("provisional", "decided_by", "decided_on")

IN_ORDER = (
    ("handover_at", "backup_at", "coordinator_at", "first_contact_by"),
    ("care_at", "care_overdue_at", "care_again_at", "care_closes_at"),
    ("weekend_list_at", "weekend_list_until"),
)
"""Settings of one day that follow each other."""

_DEFAULT = Policy()
_NIGHT_OF_THE_CLOCK_CHANGE = (time(2), time(3))


class FallbackKind(StrEnum):
    """Where people can turn to when no unit is free."""

    RESERVE = "reserve"
    HOTEL = "hotel"
    NIGHT_SHELTER = "night_shelter"
    YOUTH_CRISIS_LINE = "youth_crisis_line"
    HOSPITAL = "hospital"
    OTHER = "other"


def read_policy(reader: Reader | None) -> tuple[Policy, str, date | None]:
    """The settings, who decided them and when; a provisional policy has no day."""
    if reader is None:
        return _DEFAULT, "", None
    provisional = reader.flag("provisional", False)
    decided_by = reader.text("decided_by", "")
    decided_on = reader.day("decided_on")
    policy = Policy(
        stay_policy=reader.choice("stay_policy", StayPolicy, _DEFAULT.stay_policy),
        landing=reader.choice("landing", Landing, _DEFAULT.landing),
        override_nights=reader.whole("override_nights", 5, 14, _DEFAULT.override_nights),
        hold_for=_minutes(reader, "hold_minutes", _DEFAULT.hold_for, 60),
        checkout_at=_clock(reader, "checkout_at", _DEFAULT.checkout_at),
        handover_at=_clock(reader, "handover_at", _DEFAULT.handover_at),
        backup_at=_clock(reader, "backup_at", _DEFAULT.backup_at),
        coordinator_at=_clock(reader, "coordinator_at", _DEFAULT.coordinator_at),
        first_contact_by=_clock(reader, "first_contact_by", _DEFAULT.first_contact_by),
        turnover_due_at=_clock(reader, "turnover_due_at", _DEFAULT.turnover_due_at),
        early_registration_from=_clock(reader, "early_registration_from", _DEFAULT.early_registration_from),
        outreach_decides_until=_clock(reader, "outreach_decides_until", _DEFAULT.outreach_decides_until),
        ask_arrival_after=_minute_steps(reader, "ask_arrival_after_minutes", _DEFAULT.ask_arrival_after),
        same_household_within=_minutes(
            reader, "same_household_minutes", _DEFAULT.same_household_within, 1440
        ),
        access_readable_for=_minutes(reader, "access_readable_minutes", _DEFAULT.access_readable_for, 180),
        page_bound_for=_minutes(reader, "page_bound_minutes", _DEFAULT.page_bound_for, 60),
        untaken_steps=_minute_steps(reader, "untaken_steps_minutes", _DEFAULT.untaken_steps),
        coordinator_silent_after=_minutes(
            reader, "coordinator_silent_minutes", _DEFAULT.coordinator_silent_after, 60
        ),
        care_at=_clock(reader, "care_at", _DEFAULT.care_at),
        care_overdue_at=_clock(reader, "care_overdue_at", _DEFAULT.care_overdue_at),
        care_again_at=_clock(reader, "care_again_at", _DEFAULT.care_again_at),
        care_closes_at=_clock(reader, "care_closes_at", _DEFAULT.care_closes_at),
        weekend_list_at=_clock(reader, "weekend_list_at", _DEFAULT.weekend_list_at),
        weekend_list_until=_clock(reader, "weekend_list_until", _DEFAULT.weekend_list_until),
        near_km=reader.number("near_km", 0, 100, _DEFAULT.near_km),
        stale_after_working_days=reader.whole(
            "stale_after_working_days", 1, 60, _DEFAULT.stale_after_working_days
        ),
        proposal_order=reader.texts("proposal_order", _DEFAULT.proposal_order),
    )
    if provisional and decided_on:
        reader.mistake("provisional", "provisional_and_decided")
    elif not (provisional or (decided_by and decided_on) or reader.wrong(*DECISION)):
        reader.mistake("decided_by" if not decided_by else "decided_on", "not_decided")
    complete = sorted(policy.proposal_order) == sorted(_DEFAULT.proposal_order)
    if not complete and not reader.wrong("proposal_order"):
        reader.mistake("proposal_order", "proposal_order", options=", ".join(_DEFAULT.proposal_order))
    as_many = len(policy.untaken_steps) == len(_DEFAULT.untaken_steps)
    if not as_many and not reader.wrong("untaken_steps_minutes"):
        reader.mistake("untaken_steps_minutes", "wrong_number_of_steps", count=len(_DEFAULT.untaken_steps))
    for day in IN_ORDER:
        for earlier, later in pairwise(day):
            if getattr(policy, earlier) > getattr(policy, later) and not reader.wrong(*day):
                reader.mistake(
                    later if reader.has(later) else earlier, "morning_out_of_order", first=earlier, then=later
                )
    reader.done()
    return policy, decided_by, decided_on


def _clock(reader: Reader, key: str, default: time) -> time:
    found = reader.clock(key, default)
    first, last = _NIGHT_OF_THE_CLOCK_CHANGE
    if first <= found < last:
        reader.mistake(key, "hour_of_clock_change")
    return found


def _minutes(reader: Reader, key: str, default: timedelta, most: int) -> timedelta:
    return timedelta(minutes=reader.whole(key, 1, most, default // timedelta(minutes=1)))


def _minute_steps(reader: Reader, key: str, default: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    minutes = tuple(step // timedelta(minutes=1) for step in default)
    return tuple(timedelta(minutes=step) for step in reader.wholes(key, 1, 1440, minutes))


def read_criteria(readers: Sequence[Reader], network_id: str) -> tuple[Criterion, ...]:
    """The checklist, in the order of the file."""
    first_of(readers, "code")
    found = []
    for position, reader in enumerate(readers, start=1):
        code = reader.ident("code")
        decided_by, decided_on = reader.text("decided_by", ""), reader.day("decided_on")
        if code in BY_NAME_AND_DATE and not (decided_by and decided_on) and not reader.wrong(*DECISION):
            reader.mistake("decided_by" if not decided_by else "decided_on", "criterion_not_decided")
        found.append(
            Criterion(
                id=f"{network_id}:1:{code}",
                network_id=network_id,
                version=1,
                position=position,
                code=code,
                question=reader.ident("question"),
                fails_on=reader.texts("fails_on"),
                action=reader.choice("action", FailAction),
                refusal=reader.choice("refusal", RefusalCode).value,
                may_override=reader.flag("may_override", False),
                decided_by=", ".join(
                    part for part in (decided_by, decided_on and decided_on.isoformat()) if part
                ),
            )
        )
        reader.done()
    return tuple(found)


def read_fallback(readers: Sequence[Reader], network_id: str) -> tuple[FallbackPlace, ...]:
    """Where to turn when nothing is free, in the order of the file."""
    first_of(readers, "id")
    found = []
    for position, reader in enumerate(readers, start=1):
        checked = reader.day("checked_on")
        found.append(
            FallbackPlace(
                id=f"{network_id}:{reader.ident()}",
                network_id=network_id,
                kind=reader.choice("kind", FallbackKind).value,
                name=reader.text("name"),
                phone=reader.phone("phone", None),
                nis=reader.nis("municipality", "") or None,
                position=position,
                checked_on=checked.isoformat() if checked else None,
            )
        )
        reader.done()
    return tuple(found)


def read_shifts(readers: Sequence[Reader], network_id: str, people: Names | None) -> tuple[DutyShift, ...]:
    """All shifts of all rosters; a block of the file names who has which duty in one span of time.

    `people` None: the file has no people, so that only loading can tell whether a colleague exists.
    """
    found: dict[Duty, list[tuple[DutyShift, Reader]]] = defaultdict(list)
    for reader in readers:
        starts_at = reader.moment("from", required=True)
        ends_at = reader.moment("until", required=True)
        backwards = starts_at is not None and ends_at is not None and ends_at <= starts_at
        if backwards:
            reader.mistake("until", "until_before_from")
        named = {duty: _who(reader, duty, people) for duty in Duty if reader.has(duty)}
        reader.expects(*Duty)
        if not named:
            reader.mistake("", "nobody_on_duty")
        if Duty.BACKUP in named and named[Duty.BACKUP] == named.get(Duty.CALLTAKER):
            reader.warning(Duty.BACKUP, "own_stand_in")
        if starts_at and ends_at and not backwards:
            for duty, who in named.items():
                found[duty].append((_shift(network_id, duty, who, starts_at, ends_at), reader))
        reader.done()
    for duty, shifts in found.items():
        _check_order(duty, shifts)
    return tuple(shift for duty in Duty for shift, _ in found[duty])


def _who(reader: Reader, duty: Duty, people: Names | None) -> str:
    return reader.ident(duty) if people is None else reader.refers(duty, people, "colleague")


def _shift(network_id: str, duty: Duty, who: str, starts_at: datetime, ends_at: datetime) -> DutyShift:
    return DutyShift(
        id=f"{network_id}:{ROSTER}:{duty}:{starts_at:%Y%m%dT%H%M}",
        network_id=network_id,
        duty=duty,
        colleague_id=who,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _check_order(duty: Duty, shifts: list[tuple[DutyShift, Reader]]) -> None:
    """Report shifts of one duty that overlap, and warn of time between them when nobody has it."""
    shifts.sort(key=lambda pair: (pair[0].starts_at, pair[1].line()))
    last, by = shifts[0]
    for shift, reader in shifts[1:]:
        if shift.starts_at < last.ends_at:
            # A block overlaps for every duty in it: that is one mistake.
            if not reader.wrong("from"):
                reader.mistake("from", "shifts_overlap", first=by.line())
        elif shift.starts_at > last.ends_at:
            reader.warning(duty, "roster_gap", start=last.ends_at, end=shift.starts_at)
        if shift.ends_at > last.ends_at:
            last, by = shift, reader

"""The rules part of a region file: policy, admission criteria, fallback list, rosters."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from crisispool.domain.admission import Criterion, FailAction
from crisispool.domain.duty import Duty, DutyShift, FallbackPlace
from crisispool.domain.policy import Policy
from crisispool.domain.policy_settings import (
    DEFAULTS,
    IN_ORDER,
    MINUTE,
    SETTINGS,
    Setting,
    SettingKind,
    in_clock_change,
    out_of_order,
)
from crisispool.domain.request import RefusalCode
from crisispool.services.region_parts.names import Names
from crisispool.services.region_parts.reader import Reader, first_of

BY_NAME_AND_DATE = frozenset({"residence_status", "outside_region"})
"""Criteria that exist only when the steering group has switched them on."""

ROSTER = "roster"
"""Marks the ids of shifts that come from a file."""

DECISION = ("provisional", "decided_by", "decided_on")


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
        return DEFAULTS, "", None
    provisional = reader.flag("provisional", False)
    decided_by = reader.text("decided_by", "")
    decided_on = reader.day("decided_on")
    policy = Policy(
        **{each.name: _read(reader, each) for each in SETTINGS if each.kind is not SettingKind.SWITCH}
    )
    if provisional and decided_on:
        reader.mistake("provisional", "provisional_and_decided")
    elif not (provisional or (decided_by and decided_on) or reader.wrong(*DECISION)):
        reader.mistake("decided_by" if not decided_by else "decided_on", "not_decided")
    complete = sorted(policy.proposal_order) == sorted(DEFAULTS.proposal_order)
    if not complete and not reader.wrong("proposal_order"):
        reader.mistake("proposal_order", "proposal_order", options=", ".join(DEFAULTS.proposal_order))
    as_many = len(policy.untaken_steps) == len(DEFAULTS.untaken_steps)
    if not as_many and not reader.wrong("untaken_steps_minutes"):
        reader.mistake("untaken_steps_minutes", "wrong_number_of_steps", count=len(DEFAULTS.untaken_steps))
    for earlier, later in out_of_order(policy):
        if not reader.wrong(*(name for day in IN_ORDER if earlier in day for name in day)):
            at = later if reader.has(later) else earlier
            reader.mistake(at, "morning_out_of_order", first=earlier, then=later)
    reader.done()
    return policy, decided_by, decided_on


def _read(reader: Reader, setting: Setting) -> Any:
    """The value of one setting in a file, or its default."""
    key, default = setting.in_file, getattr(DEFAULTS, setting.name)
    match setting.kind:
        case SettingKind.CHOICE:
            return reader.choice(key, type(default), default)
        case SettingKind.CLOCK:
            return _clock(reader, key, default)
        case SettingKind.MINUTES:
            return reader.whole(key, setting.least, setting.most, default // MINUTE) * MINUTE
        case SettingKind.STEPS:
            steps = tuple(step // MINUTE for step in default)
            return tuple(step * MINUTE for step in reader.wholes(key, setting.least, setting.most, steps))
        case SettingKind.DISTANCE:
            return reader.number(key, setting.least, setting.most, default)
        case SettingKind.ORDER:
            return reader.texts(key, default)
    return reader.whole(key, setting.least, setting.most, default)


def _clock(reader: Reader, key: str, default: time) -> time:
    found = reader.clock(key, default)
    if in_clock_change(found):
        reader.mistake(key, "hour_of_clock_change")
    return found


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

"""Ready for tonight? What is missing in a region that loads well but hurts one night. Policy: section 6."""

from collections.abc import Container, Iterator
from datetime import date, datetime, timedelta

from crisispool.domain.calendar import BRUSSELS, NetworkCalendar
from crisispool.domain.duty import Duty
from crisispool.domain.organisation import OrganisationKind
from crisispool.domain.stay import LONGEST_RUN
from crisispool.services.region_file import RegionFile, RegionWarning
from crisispool.services.region_parts.mistakes import Notes

ROSTER_AHEAD = timedelta(days=14)
FALLBACK_CHECKED_WITHIN = timedelta(days=30)


def ready_for_tonight(
    region: RegionFile, now: datetime, legal_holidays: Container[date] = frozenset()
) -> list[RegionWarning]:
    """Everything that is not ready at `now`, by line."""
    notes = Notes(region.file)
    today = now.astimezone(BRUSSELS).date()
    for key, code, facts in (
        *_units(region, today),
        *_services(region),
        *_rosters(region, now),
        *_fallback(region, today),
        *_closures(region, today, legal_holidays),
    ):
        notes.warning(
            region.lines.get(key.partition("].")[0] + "]" if "[" in key else key, 1), key, code, **facts
        )
    return sorted(notes.warnings, key=lambda warning: warning.line)


Found = Iterator[tuple[str, str, dict[str, object]]]


def _units(region: RegionFile, today: date) -> Found:
    if not region.units:
        yield "units", "no_units", {}
    for unit, access in zip(region.units, region.access, strict=True):
        here = f"units[{unit.id}]"
        for key, code, there in (
            ("key", "no_key", access.key_instructions),
            ("backup_key_phone", "no_backup_key", access.backup_key_phone),
            ("night_contact", "no_night_contact", access.night_contact),
            ("cleaning_contact", "no_cleaning_contact", access.cleaning_contact),
            ("house_agreement", "no_house_agreement", access.house_agreement),
            ("inspection_until", "no_inspection", unit.inspection_until),
        ):
            if not there:
                yield f"{here}.{key}", code, {}
        if unit.inspection_until and unit.inspection_until < today:
            yield f"{here}.inspection_until", "inspection_over", {"until": unit.inspection_until}


def _services(region: RegionFile) -> Found:
    for partner in region.organisations:
        if partner.kind is not OrganisationKind.OCMW:
            continue
        for key, code, there in (
            ("mailbox", "no_mailbox", partner.mailbox),
            ("phone", "no_phone", partner.phone),
            ("backup", "no_backup", partner.backup_id),
        ):
            if not there:
                yield f"organisations[{partner.id}].{key}", code, {}


def _rosters(region: RegionFile, now: datetime) -> Found:
    """Holes between shifts are told when the file is read; here only what is missing at the two ends."""
    for duty in Duty:
        shifts = [shift for shift in region.shifts if shift.duty is duty and shift.ends_at > now]
        if not shifts:
            yield f"roster.{duty}", "roster_empty", {}
            continue
        first, last = min(shift.starts_at for shift in shifts), max(shift.ends_at for shift in shifts)
        if first > now:
            yield f"roster.{duty}", "roster_not_begun", {"end": first}
        if last < now + ROSTER_AHEAD:
            yield f"roster.{duty}", "roster_ends", {"start": last}


def _fallback(region: RegionFile, today: date) -> Found:
    if not region.fallback:
        yield "fallback", "no_fallback", {}
    for place in region.fallback:
        checked = date.fromisoformat(place.checked_on) if place.checked_on else date.min
        if today - checked > FALLBACK_CHECKED_WITHIN:
            yield f"fallback[{place.id.partition(':')[2]}].checked_on", "fallback_not_checked", {}


def _closures(region: RegionFile, today: date, legal_holidays: Container[date]) -> Found:
    """Closing days of outreach that make a first block longer than anyone may stay."""
    days = frozenset(closed.day for closed in region.closing_days if closed.organisation_id is None)
    calendar = NetworkCalendar(legal_holidays, days)
    told: set[date] = set()
    for day in sorted(day for day in days if day >= today):
        try:
            night = calendar.previous_working_day(day)
            count = len(calendar.block(night))
        except ValueError:
            yield "closing_days", "never_open", {"night": day}
            return
        if count > LONGEST_RUN and night not in told:
            told.add(night)
            yield f"closing_days[{day}].day", "long_closure", {"night": night, "count": count}

"""Units, bookings and requests to try the rules on: invented, each with only what a test speaks about."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.availability import UnitFacts
from crisispool.domain.booking import Booking, BookingState, Hold
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.organisation import Municipality
from crisispool.domain.policy import Policy
from crisispool.domain.request import Request, RequestKind
from crisispool.domain.unit import Placement, Turnover, Unit, UnitKind, UnitSource

CALENDAR = NetworkCalendar(LegalHolidays())
POLICY = Policy()
DAY = timedelta(days=1)

IZEGEM, INGELMUNSTER, WIELSBEKE, LEDEGEM, TIELT = "36008", "36007", "37017", "36010", "37022"
TOWNS = {
    town.nis: town
    for town in (
        Municipality(IZEGEM, "Izegem", 28322, 50.914, 3.214),
        Municipality(INGELMUNSTER, "Ingelmunster", 11131, 50.920, 3.255),
        Municipality(WIELSBEKE, "Wielsbeke", 9833, 50.900, 3.370),
        Municipality(LEDEGEM, "Ledegem", 9687, 50.857, 3.124),
        Municipality(TIELT, "Tielt", 31436, 50.999, 3.327),
    )
}


def at(text: str) -> datetime:
    """A local moment in Brussels."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Brussels"))


def day(text: str) -> date:
    return date.fromisoformat(text)


SATURDAY_NIGHT_CALL = at("2026-11-28 02:04")
FRIDAY, SATURDAY, SUNDAY, MONDAY = (day("2026-11-27") + DAY * n for n in range(4))
WEEKEND = (FRIDAY, SATURDAY, SUNDAY)


def a_unit(unit_id: str = "u1", **changes: Any) -> Unit:
    standard: dict[str, Any] = {
        "id": unit_id,
        "owner_id": "ocmw-izegem",
        "nis": IZEGEM,
        "label": unit_id,
        "kind": UnitKind.CRISIS_DWELLING,
        "source": UnitSource.POOL,
        "places": 4,
        "confirmed_at": at("2026-11-27 16:10"),
    }
    return Unit(**{**standard, **changes})


def facts_of(unit: Unit | None = None, **changes: Any) -> UnitFacts:
    return UnitFacts(unit=unit or a_unit(), **changes)


def a_booking(night: date = FRIDAY, checkout: date = MONDAY, **changes: Any) -> Booking:
    standard: dict[str, Any] = {
        "id": "b1",
        "network_id": "n",
        "case_id": "c1",
        "request_id": "r1",
        "unit_id": "u1",
        "reference": "IZ-7F3K",
        "night": night,
        "checkout": checkout,
        "state": BookingState.BOOKED,
        "policy_version": 1,
        "by": "calltaker",
        "at": SATURDAY_NIGHT_CALL,
    }
    return Booking(**{**standard, **changes})


def booked(booking: Booking, unit: Unit | None = None) -> UnitFacts:
    """A unit with one live booking and the rows of its nights."""
    return facts_of(unit, bookings=(booking,), nights_taken=dict.fromkeys(booking.nights, "booked"))


def a_hold(night: date = FRIDAY, nights: int = 3, until: datetime | None = None) -> Hold:
    lapses = until or SATURDAY_NIGHT_CALL + timedelta(minutes=10)
    return Hold("h1", "n", "r1", "u1", night, nights, lapses, "calltaker", SATURDAY_NIGHT_CALL)


def held(hold: Hold) -> UnitFacts:
    nights = [hold.night + DAY * n for n in range(hold.nights)]
    return facts_of(nights_taken=dict.fromkeys(nights, "held"), hold_until=hold.until)


def a_placement(starts_on: str, until: str | None = None) -> Placement:
    return Placement("p1", "u1", day(starts_on), day(until) if until else None)


def a_turnover(starts: str = "2026-11-27 10:30") -> Turnover:
    return Turnover("t1", "u1", None, at(starts), at("2026-11-30 16:00"))


def a_request(**changes: Any) -> Request:
    standard: dict[str, Any] = {
        "id": "r1",
        "network_id": "n",
        "reference": "R-4KTM",
        "kind": RequestKind.FIRE_WATER_CLOSED,
        "adults": 1,
        "children": 2,
        "ages": (6, 9),
        "origin": INGELMUNSTER,
        "whereabouts": INGELMUNSTER,
        "needs": (),
        "avoid": (),
        "referrer_kind": "police",
        "referrer_organisation_id": "police",
        "created_by": "officer",
        "created_at": SATURDAY_NIGHT_CALL,
        "night": FRIDAY,
    }
    return Request(**{**standard, **changes})

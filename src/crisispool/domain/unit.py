"""Emergency dwellings: what they offer, what their owners say about them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.secret import Secret


class UnitKind(StrEnum):
    """What can be borrowed."""

    EMERGENCY_DWELLING = "emergency_dwelling"  # noodwoning
    CRISIS_DWELLING = "crisis_dwelling"  # crisiswoning
    TRANSIT_DWELLING = "transit_dwelling"  # doorgangswoning
    CRISIS_ROOM = "crisis_room"  # crisiskamer


class UnitSource(StrEnum):
    """How a unit came into the network: the pool (always offered), or the rota (only in its weeks)."""

    POOL = "pool"
    ROTA = "rota"


class UnitStatus(StrEnum):
    """Derived, in this order of precedence; never stored."""

    OUT_OF_SERVICE = "out_of_service"
    OCCUPIED = "occupied"
    BOOKED = "booked"
    HELD = "held"
    TURNOVER = "turnover"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Unit:
    """A dwelling that one household borrows at a time; what everyone in the network may know of it.

    `places` counts beds for persons; `cots` come on top. `free_until` is the last morning: a stay may end then,
    never later. `version` rises with every change of the unit, its placements, holds or bookings.
    `rota_weeks` are the Mondays of the weeks in which a rota unit is offered (night labels Monday to Sunday).
    """

    id: str
    owner_id: str
    nis: str
    label: str
    kind: UnitKind
    source: UnitSource
    places: int
    cots: int = 0
    rooms: int = 1
    step_free: bool = False
    pets: bool = False
    smoking: bool = False
    separate_entrance: bool = True
    staffed: bool = False
    meals: bool = False
    family: bool = False
    site: str | None = None
    mandate: bool = True
    inspection_until: date | None = None
    free_until: date | None = None
    joined_on: date | None = None
    leaves_on: date | None = None
    rota_weeks: tuple[date, ...] = ()
    confirmed_at: datetime | None = None
    cleaned: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class UnitAccess:
    """What only few may see of a unit: a row of its own so that a list of units never carries it."""

    unit_id: str
    address: Secret
    key_instructions: Secret
    backup_key_phone: Secret
    night_contact: Secret
    cleaning_contact: Secret
    house_agreement: bool = False


@dataclass(frozen=True, slots=True)
class UnitNetwork:
    """A unit offered in a network. A unit in two networks is one record with two of these."""

    id: str
    unit_id: str
    network_id: str


@dataclass(frozen=True, slots=True)
class Placement:
    """The owner's own use of a unit: nights `starts_on` up to the morning of `until` (open when None).

    `booking_id` is the stay that it goes on from, when the people stayed.
    """

    id: str
    unit_id: str
    starts_on: date
    until: date | None
    ended_at: datetime | None = None
    booking_id: str | None = None


@dataclass(frozen=True, slots=True)
class OutOfService:
    """The unit cannot be used from `starts_at` until someone says so (`ended_at`); `reason` is a code."""

    id: str
    unit_id: str
    starts_at: datetime
    reason: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turnover:
    """A unit being made ready after a stay or placement. Ends when a person says so, never by itself."""

    id: str
    unit_id: str
    booking_id: str | None
    starts_at: datetime
    due_at: datetime
    key_code_must_change: bool = False
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What an owner or the desk said about a unit, with its moment. `said` is a `UnitStatus` or ``confirmed``."""

    id: str
    unit_id: str
    said: str
    until: date | None
    by: str
    at: datetime

"""A bed given: holds that lapse, bookings that stay, and the nights that count."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class BookingState(StrEnum):
    """Where a booking stands. `cancelled` and `no_show` count no nights."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


LIVE_STATES = frozenset({BookingState.BOOKED, BookingState.CHECKED_IN})
"""States in which the household is presumed inside."""


class OwnersWord(StrEnum):
    """What the owner of a unit without mandate says when it is held. Policy: owner and mandate, section 5."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Hold:
    """A unit kept for one request for a few minutes. Dead once `until` has passed or `ended_at` is set.

    `owner_asked_at` is set for a unit without mandate: its owner may say yes or no as long as the hold lives.
    """

    id: str
    network_id: str
    request_id: str
    unit_id: str
    night: date
    nights: int
    until: datetime
    by: str
    at: datetime
    ended_at: datetime | None = None
    owner_asked_at: datetime | None = None
    owner_said: OwnersWord | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A household in a unit from night `night` up to the morning of `checkout`.

    `checkout` moves when the stay is extended or ends early; the nights that count are its `UnitNight` rows.
    `ask_arrival_at` is when the bot asks next whether they are inside (None: nobody needs to be asked), and
    `ask_checkout_at` whether they left. `overstay_at` is when somebody last said "not yet left".
    """

    id: str
    network_id: str
    case_id: str
    request_id: str
    unit_id: str
    reference: str
    night: date
    checkout: date
    state: BookingState
    policy_version: int
    by: str
    at: datetime
    arrival_known: bool = False
    arrived_at: datetime | None = None
    ask_arrival_at: datetime | None = None
    arrival_asked: int = 0
    ended_at: datetime | None = None
    overridden: bool = False
    moved_from: str | None = None
    readmission_refused: bool = False
    version: int = 1
    ask_checkout_at: datetime | None = None
    overstay_at: datetime | None = None

    @property
    def nights(self) -> tuple[date, ...]:
        """The night labels of the stay, first to last."""
        return tuple(self.night + timedelta(days=n) for n in range((self.checkout - self.night).days))


@dataclass(frozen=True, slots=True)
class UnitNight:
    """One night of one unit that a live hold or a counting booking takes; (unit_id, night) is unique."""

    unit_id: str
    night: date
    hold_id: str | None
    booking_id: str | None


@dataclass(frozen=True, slots=True)
class PersonNight:
    """One night of one person reference in a booking; (person_id, night) is unique."""

    person_id: str
    night: date
    booking_id: str


@dataclass(frozen=True, slots=True)
class BookingPerson:
    """Who sleeps in which booking."""

    booking_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class StayDecision:
    """A stay verdict as it was given: code and facts, who gave it, under which policy version.

    `reason` is sealed in `RequestNote` (purpose ``override``) because it is free text about a person.
    `report_at`: when the coordinators hear of a night given because none of them answered (None: no need to).
    """

    id: str
    request_id: str
    booking_id: str | None
    code: str
    facts: dict[str, object]
    given_by_role: str | None
    overridden: bool
    policy_version: int
    by: str
    at: datetime
    report_at: datetime | None = None


class AlertCause(StrEnum):
    """What brought to light that nights already given are beyond the limit."""

    IDENTITY = "identity"
    MERGE = "merge"
    UNMERGE = "unmerge"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class StayAlert:
    """Nights already given that turn out to be beyond the limit, or to be slept twice. Nobody is put out.

    `run` is the chain of nights as it was seen then. Policy: what counts, section 4.
    """

    id: str
    network_id: str
    booking_id: str
    person_id: str
    cause: AlertCause
    run: tuple[date, ...]
    at: datetime

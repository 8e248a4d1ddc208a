"""What the model keeps: units, people, requests, holds, bookings, cases."""

from dataclasses import dataclass, field
from datetime import date, datetime

from tests.sequences.rules import DAY

LIVE = ("booked", "checked_in")
COUNTING = (*LIVE, "checked_out")

CAW = "caw"
OCMW = {"36008": "ocmw_izegem", "36007": "ocmw_ingelmunster", "37017": "ocmw_wielsbeke"}
LED_BY_CAW = ("ocmw_izegem",)
SERVICE = {"worker_caw": CAW, "worker_izegem": "ocmw_izegem", "worker_ingelmunster": "ocmw_ingelmunster"}


@dataclass
class Use:
    """The owner's own use: nights from `since` up to the morning of `until`, open when None."""

    since: date
    until: date | None

    def covers(self, night: date) -> bool:
        """Whether the owner has the unit that night."""
        return self.since <= night and (self.until is None or night < self.until)


@dataclass
class Unit:
    """A dwelling, with what its owner says of it."""

    id: str
    owner: str
    nis: str
    places: int
    rota: bool = False
    free_until: date | None = None
    joined_on: date | None = None
    leaves_on: date | None = None
    weeks: tuple[date, ...] = ()
    uses: list[Use] = field(default_factory=list)
    closed: bool = False
    turnover: bool = False
    other_key: bool = False

    def offered(self, night: date) -> str | None:
        """Why the network may not use it that night, or None."""
        if self.free_until and night >= self.free_until:
            return "unit_promised"
        early = self.joined_on is not None and night < self.joined_on
        late = self.leaves_on is not None and night >= self.leaves_on
        not_in_turn = self.rota and night - DAY * night.weekday() not in self.weeks
        return "unit_not_offered" if early or late or not_in_turn else None


@dataclass
class Person:
    """One reference; `group` is the person behind it."""

    label: str
    request: str
    adult: bool
    group: str
    claimed: tuple[date, ...] = ()
    identity: int | None = None


@dataclass
class Request:
    """A question for a bed."""

    label: str
    by: str
    adults: int
    children: int
    night: date
    hiding: bool
    origin: str | None
    avoid: tuple[str, ...]
    caw_only: bool
    persons: list[str]
    state: str = "open"
    contact: bool = True


@dataclass
class Hold:
    """A unit kept for a few minutes."""

    label: str
    request: str
    unit: str
    nights: tuple[date, ...]
    until: datetime
    ended: datetime | None = None


@dataclass
class Booking:
    """A household in a unit; `nights` are those that count, or will."""

    label: str
    request: str
    unit: str
    nights: tuple[date, ...]
    persons: tuple[str, ...]
    first: date
    made: datetime
    state: str = "booked"
    arrived: datetime | None = None
    overridden: bool = False
    no_readmission: bool = False

    @property
    def known(self) -> bool:
        """Whether somebody said that they are inside."""
        return self.arrived is not None

    @property
    def live(self) -> bool:
        """Whether they are presumed inside, or to come."""
        return self.state in LIVE

    @property
    def checkout(self) -> date:
        """The morning after the last night."""
        return self.nights[-1] + DAY


@dataclass
class Handover:
    """A case with outreach; `deliveries` says for each service on which day it gets it."""

    due: datetime
    lead: str
    deliveries: dict[str, date]
    delivered: set[str] = field(default_factory=set)
    accepted_by: str | None = None
    contacted: bool = False
    closed: bool = False


@dataclass
class Case:
    """A request and all its bookings, until it is handed over."""

    request: str
    night: date
    over: bool = False
    handover: Handover | None = None

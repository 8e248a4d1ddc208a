"""The night list: what the desk needs on paper until the next working day, when nothing digital works."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from crisispool.domain.admission import FailAction
from crisispool.domain.availability import Freshness
from crisispool.domain.calendar import NetworkCalendar, Night
from crisispool.domain.duty import Duty
from crisispool.domain.secret import Secret
from crisispool.domain.stay import Granter

KEPT_FOR = timedelta(days=7)
"""How long a list stays; what it says of tonight is of no use to anybody afterwards."""


@dataclass(frozen=True, slots=True)
class NightList:
    """The list of one working day. `content` is a `NightListContent` as JSON, sealed: it holds addresses and numbers.

    `day` is the working day on which it was due, `first_night` the night at which it begins.
    """

    id: str
    network_id: str
    day: date
    first_night: Night
    made_at: datetime
    clear_at: datetime
    content: Secret


@dataclass(frozen=True, slots=True, repr=False)
class ListedUnit:
    """A unit that can be given in at least one of the nights; `free` says for each of them whether.

    `features` are codes of `Unit`. `shared`: another network can give it too. Never a key or its code.
    """

    town: str
    label: str
    places: int
    cots: int
    features: tuple[str, ...]
    freshness: Freshness
    confirmed_at: datetime | None
    cleaned: bool
    mandate: bool
    shared: bool
    free: tuple[bool, ...]
    address: str
    night_contact: str
    key_phone: str


@dataclass(frozen=True, slots=True, repr=False)
class ListedTurnover:
    """A unit that is being made ready: free as soon as its owner says so."""

    town: str
    label: str
    night_contact: str


@dataclass(frozen=True, slots=True)
class ListedTown:
    """The units of a municipality that cannot be given in any of these nights; why is nobody's business on paper."""

    town: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ListedShift:
    """Who is on a roster when, by label, and the number to reach them (may be empty)."""

    duty: Duty
    label: str
    phone: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ListedStay:
    """The stay rule for who used `used` nights up to the evening before: whether their block may follow, who gives it.

    `said` are the sentences of the rule, as keys and facts.
    """

    used: int
    allowed: bool
    by: Granter | None
    said: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class ListedNight:
    """One night: the nights that somebody who comes in it gets, up to `checkout`, and what earlier nights change."""

    night: Night
    nights: tuple[Night, ...]
    checkout: date
    after: tuple[ListedStay, ...]


@dataclass(frozen=True, slots=True)
class ListedCriterion:
    """One line of the admission checklist."""

    question: str
    fails_on: tuple[str, ...]
    action: FailAction
    refusal: str


@dataclass(frozen=True, slots=True)
class ListedPlace:
    """Where to turn when nothing is free."""

    kind: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True, repr=False)
class NightListContent:
    """All that stands on a list, as codes, numbers and days; `texts` make the words. `contact_day`: the next working
    day, on which outreach calls."""

    network: str
    nights: tuple[ListedNight, ...]
    contact_day: date
    checkout_at: time
    desk_phone: str
    cold_weather: bool
    shifts: tuple[ListedShift, ...]
    units: tuple[ListedUnit, ...]
    turnovers: tuple[ListedTurnover, ...]
    not_free: tuple[ListedTown, ...]
    criteria: tuple[ListedCriterion, ...]
    places: tuple[ListedPlace, ...]


def covered(day: date, now: datetime, calendar: NetworkCalendar) -> tuple[Night, ...]:
    """The nights that the list of this working day is for: up to the next working day, without those that passed."""
    tonight = calendar.night_of(now)
    return tuple(night for night in calendar.block(day) if night >= tonight)

"""What the services answer about shifts and rosters: labels of colleagues, never names."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ShiftAnswer:
    """A shift on a roster. `who` is a label; `offer_id` when the asker may take it over; `offered`: somebody may;
    `own_offer_id` when the asker may take the offer back."""

    id: str
    duty: str
    who: str
    mine: bool
    starts_at: datetime
    ends_at: datetime
    offered: bool = False
    offer_id: str | None = None
    own_offer_id: str | None = None


@dataclass(frozen=True, slots=True)
class GapAnswer:
    """A stretch in which nobody is on a roster; `able` are ids of who can fill it."""

    duty: str
    starts_at: datetime
    ends_at: datetime
    able: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterNightAnswer:
    """Who is on duty in a night, the rosters that have a gap in it, and what is open on them from now on."""

    night: date
    shifts: tuple[ShiftAnswer, ...]
    gaps: tuple[str, ...]
    open: tuple[GapAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """A colleague by label, never by name."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class RosterAnswer:
    """The coming nights, and by duty who else can be put in."""

    nights: tuple[RosterNightAnswer, ...]
    colleagues: dict[str, tuple[LabelledAnswer, ...]]


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """A shift that was given away, or is to be; `who` has it now."""

    id: str
    shift_id: str
    duty: str
    state: str
    who: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OwnShiftAnswer:
    """The asker's own duty now, what is in the own hands, and who could go on with it.

    `requests` taken and open, `bookings` of which nobody said whether they arrived, `holds`.
    """

    on: bool
    until: datetime | None
    others: tuple[str, ...]
    requests: int
    bookings: int
    holds: int
    to: tuple[LabelledAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What was given to a colleague, by label."""

    to: str
    requests: int
    bookings: int
    holds: int

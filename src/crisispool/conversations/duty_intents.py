"""What a talk about shifts and rosters may want: codes and ids, never free text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookShift:
    """The own duty now, and what is in hand."""


@dataclass(frozen=True, slots=True)
class BeginShift:
    """On duty from now."""


@dataclass(frozen=True, slots=True)
class EndShift:
    """Off duty from now; `sure`: also when nobody is left."""

    sure: bool = False


@dataclass(frozen=True, slots=True)
class GiveShift:
    """All that is in hand to a colleague."""

    to_id: str


@dataclass(frozen=True, slots=True)
class LookRoster:
    """The coming nights."""


@dataclass(frozen=True, slots=True)
class OfferShift:
    """Give a shift away: to one, or with None to the first who takes it."""

    shift_id: str
    to_id: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptShift:
    """Take over a shift that was offered."""

    offer_id: str


@dataclass(frozen=True, slots=True)
class Substitute:
    """A coordinator puts somebody else in."""

    shift_id: str
    colleague_id: str


@dataclass(frozen=True, slots=True)
class KeepShift:
    """An offer is taken back."""

    offer_id: str


@dataclass(frozen=True, slots=True)
class FillGap:
    """A coordinator gives a colleague a stretch in which nobody is on this roster (moments in ISO form)."""

    duty: str
    colleague_id: str
    starts_at: str
    ends_at: str


@dataclass(frozen=True, slots=True)
class TakeOff:
    """A coordinator takes a shift off the roster; `sure`: also when nobody is left."""

    shift_id: str
    sure: bool = False


DutyChange = (
    BeginShift | EndShift | GiveShift | OfferShift | AcceptShift | Substitute | KeepShift | FillGap | TakeOff
)
DutyLook = LookShift | LookRoster

"""What a talk may want from the world, one thing a step: codes, numbers and ids, never free text."""

from collections.abc import Callable
from dataclasses import dataclass, field

from crisispool.conversations.duty_intents import DutyChange, DutyLook
from crisispool.conversations.intents_by_day import ChangeByDay, LookByDay


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Store the question for a bed, or with `request_id` what was asked anew of it.

    `claimed_nights`: nights in a row, up to yesterday, that an adult is said to have slept in the network.
    """

    kind: str
    adults: int
    children: int
    referrer: str
    request_id: str | None = None
    origin: str | None = None
    whereabouts: str | None = None
    needs: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    cots: int = 0
    claimed_nights: int = 0
    contact_consent: bool | None = None


@dataclass(frozen=True, slots=True)
class CompleteRequest:
    """Add to a request that came in by another door what the desk asked; all else of it stays.

    `origin` None: it is known; ``same``: where they are now.
    """

    request_id: str
    claimed_nights: int = 0
    contact_consent: bool | None = None
    needs: tuple[str, ...] = ()
    origin: str | None = None
    cots: int = 0


@dataclass(frozen=True, slots=True)
class ScreenRequest:
    """Judge the check-up: answers by question code."""

    request_id: str
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeRequest:
    """Take an open request."""

    request_id: str


@dataclass(frozen=True, slots=True)
class AskCoordinator:
    """Tell the coordinator on call that only they can give this stay."""

    request_id: str


@dataclass(frozen=True, slots=True)
class StayOptions:
    """What a coordinator can choose from when the stay limit comes near."""

    request_id: str


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """The question is no longer asked."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """End the request without a bed. `tried` are ``kind:why`` of fallback steps that failed."""

    request_id: str
    code: str
    contact_consent: bool
    alternative: str = ""
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindProposals:
    """What is free for this request tonight, best first: for one block unless `nights`."""

    request_id: str
    nights: int | None = None


@dataclass(frozen=True, slots=True)
class HoldUnit:
    """Keep a unit for this request for a few minutes."""

    request_id: str
    unit_id: str
    nights: int | None = None


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Let a held unit go."""

    hold_id: str


@dataclass(frozen=True, slots=True)
class Book:
    """Turn a hold into a booking. `further`: a second unit of one household, all named in the first.

    `override_reason`: why a coordinator goes beyond the stay rule, as a code.
    """

    hold_id: str
    further: bool = False
    override_reason: str | None = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """They are inside."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class StillOnTheWay:
    """They are not there yet: ask again later."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class NoShow:
    """Somebody said that they do not come."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class CheckOut:
    """They left."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """The bed is not needed."""

    booking_id: str


@dataclass(frozen=True, slots=True)
class Move:
    """Another unit, for a problem at the door: ``key_fails``, ``not_in_order`` or ``someone_inside``."""

    booking_id: str
    problem: str


@dataclass(frozen=True, slots=True)
class CallDesk:
    """Who stands at a door and has nowhere to go: the desk hears it at once. `problem` as of `Move`."""

    booking_id: str
    problem: str


@dataclass(frozen=True, slots=True)
class Extend:
    """More nights from the check-out date: one block unless `nights`, in the same unit unless `unit_id`.

    `override_reason`: why a coordinator goes beyond the stay rule, as a code.
    """

    booking_id: str
    nights: int | None = None
    unit_id: str | None = None
    override_reason: str | None = None


@dataclass(frozen=True, slots=True)
class MakeLink:
    """A page: ``access`` or ``identity`` of a booking, ``contact`` of a request, ``case`` of a handover,
    ``night_list`` of a night list."""

    purpose: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A service takes the case; `worker_id` None: the name follows."""

    handover_id: str
    worker_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contacted:
    """First contact was made."""

    handover_id: str


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """How it ended, and whether the crisis is solved."""

    handover_id: str
    outcome: str
    solved: str


@dataclass(frozen=True, slots=True)
class Admit:
    """Let in who used an invitation, now that the code was read out."""

    invitation_id: str


@dataclass(frozen=True, slots=True)
class TurnAway:
    """Do not let in who used an invitation."""

    invitation_id: str


@dataclass(frozen=True, slots=True)
class ListFree:
    """What is free tonight, for one person."""


@dataclass(frozen=True, slots=True)
class ListBookings:
    """The bookings the asker may act on."""


@dataclass(frozen=True, slots=True)
class ListRequests:
    """The open requests the asker may see."""


@dataclass(frozen=True, slots=True)
class ListOwnRequests:
    """How the asker's own requests stand, for who asked for a bed."""


@dataclass(frozen=True, slots=True)
class ListHandovers:
    """The open handovers the asker may see."""


@dataclass(frozen=True, slots=True)
class ReadLanguage:
    """Read everything in this language from now on."""

    language: str


Change = (
    OpenRequest
    | CompleteRequest
    | ScreenRequest
    | TakeRequest
    | AskCoordinator
    | WithdrawRequest
    | Refuse
    | HoldUnit
    | ReleaseHold
    | Book
    | CheckIn
    | StillOnTheWay
    | NoShow
    | CheckOut
    | Cancel
    | Move
    | CallDesk
    | Extend
    | MakeLink
    | Acknowledge
    | Contacted
    | RecordOutcome
    | ChangeByDay
    | DutyChange
    | Admit
    | TurnAway
    | ReadLanguage
)
Look = (
    FindProposals
    | StayOptions
    | ListFree
    | ListBookings
    | ListRequests
    | ListOwnRequests
    | ListHandovers
    | LookByDay
    | DutyLook
)
Intent = Change | Look

LOOKS: tuple[type[Look], ...] = Look.__args__
"""Intents that may be done again without harm, so that nobody has to remember that they were wanted."""

INTENTS: dict[str, Callable[..., Intent]] = {
    kind.__name__: kind for kind in (*Change.__args__, *Look.__args__)
}
"""Every intent by its name, to read a session back."""

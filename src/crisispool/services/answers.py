"""What the services answer: JSON-able shapes, kept with the operation so that a repeat gets the same answer.

None of them carries a name, a birth date, an address, a key code or free text.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crisispool.conversations.vocabulary import Screen
from crisispool.services.told import Told
from crisispool.texts.screens import shown


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """A request as its asker may see it. `persons` are references, adults first.

    `next_step` and `next_action_at`: who hears of it next, and when, as long as nobody takes it.
    """

    id: str
    reference: str
    state: str
    night: date
    persons: tuple[str, ...]
    kind: str | None = None
    adults: int = 0
    children: int = 0
    bookings: tuple[str, ...] = ()
    refusal: str | None = None
    taken_by: str | None = None
    same_household: tuple[str, ...] = ()
    office_hours: bool = False
    desk_phone: str = ""
    next_step: str | None = None
    next_action_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnBedAnswer:
    """A bed for the people of who asked. Once they are `inside` nothing more is told of it.

    `until`: how long address and key can be read (None: not any more).
    """

    id: str
    reference: str
    checkout: date | None = None
    until: datetime | None = None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class OwnRequestAnswer:
    """How a request stands, for who asked. `next_at`: when the next one hears of it, as long as nobody took it;
    `call_back`: the number on record at which the desk calls back (empty: none)."""

    id: str
    reference: str
    stand: str
    asked_at: datetime
    next_at: datetime | None = None
    call_back: str = ""
    beds: tuple[OwnBedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class CalledAnswer:
    """The desk was told of trouble at a door."""

    reference: str


@dataclass(frozen=True, slots=True)
class AskedAnswer:
    """The coordinators were asked; without an answer the desk may give one night from `alone_from` on."""

    request_id: str
    request: str
    alone_from: datetime


@dataclass(frozen=True, slots=True)
class ScreeningAnswer:
    """What the check-up led to: `result` is ok, pause, redirect, alternative, choose_other_unit or refuse."""

    request_id: str
    result: str
    failed: tuple[str, ...]
    refusal: str | None
    pause_until: datetime | None
    sentence: Told


@dataclass(frozen=True, slots=True)
class RefusalAnswer:
    """How the request ended; `case_id` when someone makes contact on `contact_on`."""

    request_id: str
    code: str
    case_id: str | None
    contact_on: date | None
    unmet_demand: bool


@dataclass(frozen=True, slots=True)
class ProposalAnswer:
    """One unit that fits, and in one sentence why it stands where it stands."""

    unit_id: str
    label: str
    nis: str
    municipality: str
    places: int
    confirmed: bool
    confirmed_at: datetime | None
    cleaned: bool
    call_first: bool
    reasons: tuple[str, ...]
    sentence: Told
    with_unit_id: str | None = None


@dataclass(frozen=True, slots=True)
class FallbackAnswer:
    """A place to turn to when nothing is free."""

    kind: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class AvailabilityAnswer:
    """Ranked proposals for these nights; `fallback` is filled when there are none.

    `slow`: answered without the live view.
    """

    night: date
    nights: int
    checkout: date
    proposals: tuple[ProposalAnswer, ...]
    fallback: tuple[FallbackAnswer, ...] = ()
    slow: bool = False


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """A hold and until when it lasts. `owner_asked`: the owner must still say yes, and was asked."""

    id: str
    until: datetime
    unit_id: str
    night: date
    nights: int
    checkout: date
    owner_asked: bool = False


@dataclass(frozen=True, slots=True)
class BookingAnswer:
    """A booking. `split` says per adult reference whether the stay fits, when a household differs.

    `unit_id` is null for whom it is hidden; `checkout` is null, and there are no `nights`, for who asked for the
    bed once people are inside.
    """

    id: str
    reference: str
    case_id: str
    request_id: str
    unit_id: str | None
    nights: tuple[date, ...]
    checkout: date | None
    state: str
    persons: tuple[str, ...] = ()
    arrival_known: bool = False
    overridden: bool = False
    code: str = "ok"
    sentence: Told = ()
    signals: tuple[str, ...] = ()
    split: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class MergeAnswer:
    """References that were moved by one decision, and the bookings of which the limit turns out to be broken."""

    id: str
    persons: tuple[str, ...]
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LikenessAnswer:
    """Two references that may be one person, and the requests they come from."""

    person_id: str
    into_person_id: str
    request: str
    into_request: str


@dataclass(frozen=True, slots=True)
class ClosingDayAnswer:
    """A closed day. `entered`: by a person, not by the region file."""

    id: str
    day: date
    name: str
    organisation_id: str | None
    entered: bool


@dataclass(frozen=True, slots=True)
class ClosingDayChangeAnswer:
    """What a change of the calendar touched.

    `long_blocks` are nights of which the first block is now longer than five nights; `cases` go over on another
    day; `landings` are bookings that now end on a closed day; `alerts` those that are now beyond the limit.
    """

    closing_day: ClosingDayAnswer
    long_blocks: tuple[date, ...]
    cases: tuple[str, ...]
    landings: tuple[str, ...]
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CareAnswer:
    """One call of weekend care, to a household of so many. `state` is open, or how it ended; `tries`: how often
    nobody answered."""

    booking_id: str
    reference: str
    day: date
    state: str
    adults: int
    children: int
    tries: int
    next_step: str | None
    next_action_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class WeekendLineAnswer:
    """One household on the list before closed days; `back` is the next working day.

    `can_bridge`: the nights from `first_night` on, `nights` of them, are within the limit for all of them.
    `own_unit_free`: they could stay where they are; `proposals`: how many other units fit. All three are None
    once it is decided. `answer` is what somebody said, or what happened (`by_itself`).
    """

    id: str
    reference: str
    case_id: str
    booking_id: str
    day: date
    back: date
    reason: str
    checkout: date
    first_night: date
    nights: int
    can_bridge: bool | None
    own_unit_free: bool | None
    proposals: int | None
    answer: str | None
    by_itself: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """An identity was taken in. `known`: this person was in the network before; `alert`: the rule is now broken."""

    booking_id: str
    person_id: str
    known: bool
    alert: bool
    sentence: Told


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """A unit as the asker may see it; `until` is a date or moment as ISO text. Never its address.

    `offered`: the network may use it tonight at all (participation, rota weeks, promise to someone). `version`: for
    who may change it, 0 for others.
    """

    id: str
    label: str
    owner_id: str
    nis: str
    kind: str
    source: str
    places: int
    cots: int
    step_free: bool
    pets: bool
    family: bool
    status: str
    until: str | None
    cleaned: bool
    freshness: str
    confirmed_at: datetime | None
    free_until: date | None
    leaves_on: date | None
    version: int
    offered: bool
    persons: int | None = None
    checkout: date | None = None


@dataclass(frozen=True, slots=True)
class RecipientAnswer:
    """One service that has the handover."""

    organisation_id: str
    name: str
    leads: bool
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class HandoverAnswer:
    """A handover as services and the coordinator see it in a list: numbers and codes only."""

    id: str
    case_id: str
    reference: str
    state: str
    admitted: bool
    adults: int
    children: int
    night: date
    checkout: date | None
    due_at: datetime
    delivered_at: datetime
    recipients: tuple[RecipientAnswer, ...]
    accepted_by: str | None
    worker_id: str | None
    contacted_at: datetime | None
    outcome: str | None
    solved: str | None
    arrival_unknown: bool
    previous_case_id: str | None
    next_step: str | None
    next_action_at: datetime | None
    open_cases_of_worker: int | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DutyAnswer:
    """Who answers at a moment: labels, never names."""

    at: datetime
    office_hours: bool
    night: date
    calltakers: tuple[str, ...]
    backups: tuple[str, ...]
    coordinators: tuple[str, ...]
    desk_phone: str
    call: str
    next_change_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkAnswer:
    """A one-time page of our own: what it shows, and where it is."""

    label: Told
    url: str


@dataclass(frozen=True, slots=True)
class ScreenAnswer:
    """What the chat says: a stable key, the text, the choices, links to pages of our own."""

    key: str
    text: str
    choices: tuple[dict[str, str], ...] = ()
    links: tuple[dict[str, str], ...] = ()


def answer_of(screen: Screen, language: str) -> ScreenAnswer:
    """A screen in words."""
    words = shown(screen, language)
    return ScreenAnswer(words.key, words.text, words.choices, words.links)

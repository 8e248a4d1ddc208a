"""A request for a bed: what was asked, what the check-up found, how it ended."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.secret import Secret


class RequestKind(StrEnum):
    """What happened, in the order of question 5."""

    FIRE_WATER_CLOSED = "fire_water_closed"
    VIOLENCE = "violence"
    CONFLICT = "conflict"
    EVICTION = "eviction"
    DISCHARGE = "discharge"
    BARRING_ORDER = "barring_order"
    HOMELESS = "homeless"
    OTHER = "other"


HIDING_KINDS = frozenset({RequestKind.VIOLENCE, RequestKind.BARRING_ORDER})
"""Kinds for which the own and the avoided municipalities are a filter, not a preference."""

MATERIAL_KINDS = frozenset({RequestKind.FIRE_WATER_CLOSED})
"""A material crisis skips the social inquiry and starts the municipality's playbook."""


class Need(StrEnum):
    """What to look out for (question 11). The first five narrow the units; the rest is told to outreach."""

    STEP_FREE = "step_free"
    COT = "cot"
    PET = "pet"
    SEPARATE_ROOMS = "separate_rooms"
    STAFFED = "staffed"
    INTERPRETER = "interpreter"
    NO_TRANSPORT = "no_transport"
    PREFERS_CAW = "prefers_caw"


class RequestState(StrEnum):
    """Where a request stands. It leaves `open` by a booking, a refusal with a reason, or a withdrawal."""

    OPEN = "open"
    BOOKED = "booked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RefusalCode(StrEnum):
    """Why a request ended without a bed. Source: policy, section 5."""

    NO_UNIT = "no_unit"
    NO_SUITABLE_UNIT = "no_suitable_unit"
    DESK_UNREACHABLE = "desk_unreachable"
    OFFICE_HOURS = "office_hours"
    NOT_PROFESSIONAL = "not_professional"
    OWN_NETWORK = "own_network"
    HOTEL = "hotel"
    MINOR_ALONE = "minor_alone"
    INTOXICATED = "intoxicated"
    PSYCHIATRIC = "psychiatric"
    MEDICAL = "medical"
    AGGRESSION = "aggression"
    DECLINED = "declined"
    STAY_LIMIT = "stay_limit"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


UNMET_DEMAND = frozenset({RefusalCode.NO_UNIT, RefusalCode.NO_SUITABLE_UNIT, RefusalCode.DESK_UNREACHABLE})
"""Refusals that say the network fell short."""


OUTSIDE_REGION = "outside"
NO_FIXED_ADDRESS = "none"
"""Values of `Request.origin` beside a NIS code (question 8)."""


@dataclass(frozen=True, slots=True)
class Request:
    """A referrer's question for a bed tonight. Holds codes and numbers only; free text is a `RequestNote`.

    `origin` is a NIS code, ``outside``, ``none``, or None when unknown; `whereabouts` and `avoid` are NIS codes.
    `night` is the label of the first night asked. `next_action_at` is None only when nothing is owed any more.
    `coordinator_asked_at` is when a coordinator was first asked to decide on the stay.
    """

    id: str
    network_id: str
    reference: str
    kind: RequestKind
    adults: int
    children: int
    ages: tuple[int, ...]
    origin: str | None
    whereabouts: str | None
    needs: tuple[Need, ...]
    avoid: tuple[str, ...]
    referrer_kind: str
    referrer_organisation_id: str | None
    created_by: str
    created_at: datetime
    night: date
    state: RequestState = RequestState.OPEN
    cots: int = 0
    expected_at: datetime | None = None
    contact_consent: bool | None = None
    ethos: int | None = None
    language: str = ""
    taken_by: str | None = None
    taken_at: datetime | None = None
    next_step: str | None = None
    next_action_at: datetime | None = None
    previous_request_id: str | None = None
    closed_at: datetime | None = None
    coordinator_asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestNote:
    """Free text about a request or the phone of a person to contact: sealed, shown on pages only."""

    id: str
    request_id: str
    purpose: str
    text: Secret
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Screening:
    """One run through the admission criteria: the answers by criterion code, and what they led to."""

    id: str
    request_id: str
    checklist_version: int
    answers: dict[str, str]
    result: str
    failed: tuple[str, ...]
    overridden: tuple[str, ...]
    policy_version: int
    by: str
    at: datetime
    pause_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestRefusal:
    """How a request ended without a bed: code, what was offered instead, whether someone may make contact."""

    id: str
    request_id: str
    code: RefusalCode
    alternative: str
    tried: tuple[str, ...]
    contact_consent: bool
    policy_version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """A search for a request: what was asked and how many proposals came. `unmet` says why none did."""

    id: str
    network_id: str
    request_id: str
    night: date
    nights: int
    asked: dict[str, object]
    found: int
    at: datetime
    unmet: RefusalCode | None = None

"""What may be asked of the services: the content of each change, checked for shape at the edge."""

from dataclasses import dataclass
from datetime import date, datetime

from crisispool.domain.request import Need, RefusalCode, RequestKind


@dataclass(frozen=True, slots=True)
class IdentityAsk:
    """Who a person is. Give `birth_date`, or `birth_year` when that is all there is."""

    given_name: str
    surname: str
    birth_date: date | None = None
    birth_year: int | None = None
    phone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class PersonAsk:
    """One person of a household: an identity, or the earlier nights the caller tells of."""

    adult: bool = True
    age: int | None = None
    identity: IdentityAsk | None = None
    claimed_nights: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestAsk:
    """A question for a bed. Places are NIS codes; `origin` may also be ``outside`` or ``none``.

    `referrer` is the id of an organisation of the network, or an organisation kind when it is not on record.
    """

    kind: RequestKind
    adults: int
    children: int = 0
    ages: tuple[int, ...] = ()
    origin: str | None = None
    whereabouts: str | None = None
    needs: tuple[Need, ...] = ()
    avoid: tuple[str, ...] = ()
    referrer: str = "other"
    persons: tuple[PersonAsk, ...] = ()
    cots: int = 0
    night: date | None = None
    expected_at: datetime | None = None
    contact_consent: bool | None = None
    language: str = ""
    ethos: int | None = None


@dataclass(frozen=True, slots=True)
class ScreeningAsk:
    """Answers of the check-up by question code; `overridden` names criteria passed over, with one reason."""

    answers: dict[str, str]
    overridden: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefusalAsk:
    """How a request ends without a bed. `tried` are fallback steps that failed, as codes; `contact` is sealed."""

    code: RefusalCode
    contact_consent: bool
    alternative: str = ""
    tried: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, slots=True)
class SearchAsk:
    """What must be free. With `request_id` everything else comes from the request and the search is kept."""

    request_id: str | None = None
    night: date | None = None
    nights: int | None = None
    persons: int = 1
    cots: int = 0
    needs: tuple[Need, ...] = ()
    avoid: tuple[str, ...] = ()
    whereabouts: str | None = None
    kind: RequestKind | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class HoldAsk:
    """A unit for a few minutes. Without `night` the request's night, without `nights` one block."""

    request_id: str
    unit_id: str
    night: date | None = None
    nights: int | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A coordinator goes beyond the rule: why, and who meets a household that leaves on a closed day."""

    reason: str
    met_by: str = ""


@dataclass(frozen=True, slots=True)
class BookingAsk:
    """Turn a hold into a booking, or book at once. `persons` None means all without a bed that night."""

    hold_id: str | None = None
    request_id: str | None = None
    unit_id: str | None = None
    night: date | None = None
    nights: int | None = None
    persons: tuple[str, ...] | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class ExtendAsk:
    """More nights from the check-out date on: one block unless `nights`; the same unit unless `unit_id`."""

    nights: int | None = None
    unit_id: str | None = None
    override: Override | None = None


@dataclass(frozen=True, slots=True)
class StaysAsAsk:
    """The people stay as the owner's own: until that morning, or open."""

    until: date | None = None


@dataclass(frozen=True, slots=True)
class ReadmissionAsk:
    """Whether another block may be given at night; when not, the reason (sealed)."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MergeAsk:
    """Two references to one person; what was known of the first goes on under the second."""

    person_id: str
    into_person_id: str


@dataclass(frozen=True, slots=True)
class ClosingDayAsk:
    """A closed day: of the outreach calendar, or of one organisation."""

    day: date
    name: str
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class StatusAsk:
    """What an owner says of a unit: ``free``, ``occupied``, ``out_of_service``, ``turnover`` or ``confirmed``.

    `version` is the version the owner looked at; None for a person who only says what they see. `since`: the
    first night of a use that is planned (``occupied`` only); without it the use begins tonight.
    """

    status: str
    until: date | None = None
    version: int | None = None
    cleaned: bool | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class UnitAsk:
    """A new unit, or with a known id what changes of it. Fields left None keep their value."""

    label: str | None = None
    owner_id: str | None = None
    nis: str | None = None
    kind: str | None = None
    places: int | None = None
    cots: int | None = None
    rooms: int | None = None
    step_free: bool | None = None
    pets: bool | None = None
    staffed: bool | None = None
    family: bool | None = None
    mandate: bool | None = None
    free_until: date | None = None
    leaves_on: date | None = None
    joined_on: date | None = None
    rota_weeks: tuple[date, ...] | None = None
    clear: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class DoorAsk:
    """Everything that only few may see of a unit, as it is from now on; what is empty is not known.

    `seen` stands for how it was when it was looked at.
    """

    address: str
    key_instructions: str = ""
    backup_key_phone: str = ""
    night_contact: str = ""
    cleaning_contact: str = ""
    house_agreement: bool = False
    inspection_until: date | None = None
    seen: str = ""


@dataclass(frozen=True, slots=True)
class AcknowledgeAsk:
    """A service takes a handover. `worker_id` names the worker; None with `named` False accepts without a name."""

    worker_id: str | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class OutcomeAsk:
    """How it ended: an outcome code, whether the crisis is solved; `contacted` alone records first contact."""

    outcome: str | None = None
    solved: str | None = None
    contacted: bool = False


@dataclass(frozen=True, slots=True)
class ReassignAsk:
    """Another service (and worker) takes over."""

    organisation_id: str | None = None
    worker_id: str | None = None

"""What one-time pages show: read and judged anew at every look, nothing kept."""

from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.access import GIVEN, AccessCode, may_see_access
from crisispool.domain.booking import Booking
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.household import Person, PersonIdentity
from crisispool.domain.organisation import Actor, Municipality, Role
from crisispool.domain.record import PageLink
from crisispool.domain.request import Request, RequestNote
from crisispool.domain.unit import Unit, UnitAccess
from crisispool.ports import Transaction
from crisispool.services.duty import at_work
from crisispool.services.identities import WRITERS
from crisispool.services.night_lists import NightListAnswer, list_of
from crisispool.services.parts import Parts, require
from crisispool.services.sight import (
    ACCESS_REASON,
    access_facts,
    booking_of,
    case_request,
    handover_of,
    request_of,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A value that the texts know: the key of its words on a page."""

    key: str


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One line of a page: the text key of its label, and what stands there (text, days, number, `Said`)."""

    label: str
    value: object
    phone: bool = False


@dataclass(frozen=True, slots=True)
class PersonForm:
    """A form for one person. `known`: an identity was given already; it is never shown here."""

    person_id: str
    position: int
    adult: bool
    known: bool


@dataclass(frozen=True, slots=True, repr=False)
class PageContent:
    """A page as it may be seen now. `refused` says why it may not, `ask` which free text may be given."""

    purpose: str
    reference: str
    until: datetime
    rows: tuple[Row, ...] = ()
    people: tuple[tuple[Row, ...], ...] = ()
    forms: tuple[PersonForm, ...] = ()
    ask: str = ""
    refused: str = ""
    paper: NightListAnswer | None = None

    @property
    def result(self) -> str:
        """What came of looking, as the audit keeps it: ``shown``, or the code of why not."""
        return self.refused or (AccessCode.REASON_NEEDED if self.ask == ACCESS_REASON else "shown")


async def content_of(
    tx: Transaction, parts: Parts, link: PageLink, actor: Actor, now: datetime
) -> PageContent:
    """The content of a link for its colleague. Raises NotThere when it is not theirs any more, Refusal
    ``not_on_duty``."""
    until = link.bound_until or link.expires_at
    if link.purpose == "access":
        return await _access(tx, parts, link, actor, now, until)
    actor = await at_work(tx, actor, now, *Role)
    match link.purpose:
        case "night_list":
            paper = await list_of(tx, parts, actor, link.subject_id, now)
            return PageContent("night_list", "", until, paper=paper)
        case "identity":
            return await _identity(tx, parts, link, actor, until)
        case "contact":
            request = await request_of(tx, actor, link.subject_id)
            return PageContent("contact", request.reference, until, ask="contact")
        case "case":
            return await _case(tx, parts, link, actor, now, until)
    raise NotThere("page")


async def access_code(
    tx: Transaction, parts: Parts, actor: Actor, booking: Booking, now: datetime
) -> AccessCode:
    """As whom the asker may see address and key of a booking now, or why not."""
    facts = await access_facts(tx, actor, booking, now)
    network = await parts.facts.network(tx, booking.network_id)
    return may_see_access(actor, facts, now, network.policy).code


async def _access(
    tx: Transaction,
    parts: Parts,
    link: PageLink,
    actor: Actor,
    now: datetime,
    until: datetime,
) -> PageContent:
    booking = await booking_of(tx, actor, link.subject_id)
    code = await access_code(tx, parts, actor, booking, now)
    if code is AccessCode.REASON_NEEDED:
        return PageContent("access", booking.reference, until, ask=ACCESS_REASON)
    if code not in GIVEN:
        return PageContent("access", booking.reference, until, refused=code)
    rows = (
        *await _door(tx, booking),
        Row("nights", booking.nights),
        Row("checkout", booking.checkout),
        Row(
            "trouble_phone",
            (await parts.facts.network(tx, booking.network_id)).network.desk_phone,
            phone=True,
        ),
    )
    return PageContent("access", booking.reference, until, rows)


async def _door(tx: Transaction, booking: Booking) -> tuple[Row, ...]:
    unit, door = await tx.get(Unit, booking.unit_id), await tx.get(UnitAccess, booking.unit_id)
    if unit is None or door is None:
        raise NotThere("booking")
    return (
        Row("address", door.address.reveal()),
        Row("unit", unit.label),
        Row("key", door.key_instructions.reveal()),
        Row("backup_key", door.backup_key_phone.reveal(), phone=True),
        Row("night_contact", door.night_contact.reveal(), phone=True),
    )


async def _identity(
    tx: Transaction, parts: Parts, link: PageLink, actor: Actor, until: datetime
) -> PageContent:
    require(actor, *WRITERS)
    booking = await booking_of(tx, actor, link.subject_id)
    forms = []
    for person in await parts.facts.persons_of_booking(tx, booking.id):
        known = await tx.get(PersonIdentity, person.id) is not None
        forms.append(PersonForm(person.id, person.position + 1, person.adult, known))
    return PageContent("identity", booking.reference, until, forms=tuple(forms))


async def _case(
    tx: Transaction,
    parts: Parts,
    link: PageLink,
    actor: Actor,
    now: datetime,
    until: datetime,
) -> PageContent:
    handover = await handover_of(tx, actor, link.subject_id)
    case, request = await case_request(tx, handover.case_id)
    rows = [*_household(request), *await _places(tx, request)]
    for booking in await tx.find(Booking, case_id=case.id, order=("at",)):
        rows += [
            Row("booking", booking.reference),
            Row("state", Said(f"booking_state.{booking.state}")),
            Row("nights", booking.nights),
            Row("checkout", booking.checkout),
        ]
        code = await access_code(tx, parts, actor, booking, now)
        if code in GIVEN:
            rows += await _door(tx, booking)
        else:
            rows.append(Row("address", Said(f"access_refused.{code}")))
    contact = bool(case.contact_consent and request.contact_consent is not False)
    rows.append(Row("promise", Said("promise.contact" if contact else "promise.no_contact")))
    notes = await tx.find(RequestNote, request_id=request.id, order=("at",))
    rows += [
        Row(f"note_{note.purpose}", note.text.reveal()) for note in notes if note.purpose != ACCESS_REASON
    ]
    # Whoever wants no contact is handed over without a name.
    people = await _people(tx, request) if contact else ()
    return PageContent("case", case.reference, until, tuple(rows), people)


def _household(request: Request) -> list[Row]:
    rows = [
        Row("kind", Said(f"kind.{request.kind}")),
        Row("adults", request.adults),
        Row("children", request.children),
    ]
    if request.ages:
        rows.append(Row("ages", ", ".join(str(age) for age in request.ages)))
    if request.needs:
        rows.append(Row("needs", tuple(Said(f"need.{need}") for need in request.needs)))
    if request.language:
        rows.append(Row("language", request.language))
    return rows


async def _places(tx: Transaction, request: Request) -> list[Row]:
    rows = []
    for label, place in (("origin", request.origin), ("whereabouts", request.whereabouts)):
        if place is None:
            continue
        municipality = await tx.get(Municipality, place)
        rows.append(Row(label, municipality.name if municipality else Said(f"origin.{place}")))
    return rows


async def _people(tx: Transaction, request: Request) -> tuple[tuple[Row, ...], ...]:
    people = []
    for person in await tx.find(Person, request_id=request.id, order=("position",)):
        identity = await tx.get(PersonIdentity, person.id)
        if identity is None:
            continue
        said = (
            Row("name", f"{identity.given_name.reveal()} {identity.surname.reveal()}"),
            Row("born", identity.birth_date.reveal()),
            Row("phone", identity.phone.reveal(), phone=True),
            Row("language", identity.language),
        )
        people.append(tuple(row for row in said if row.value))
    return tuple(people)


def must_be_given(code: AccessCode) -> None:
    """Raise Refusal ``access_<code>`` when there is nothing that this colleague could be shown."""
    if code not in GIVEN and code is not AccessCode.REASON_NEEDED:
        raise Refusal(f"access_{code}")

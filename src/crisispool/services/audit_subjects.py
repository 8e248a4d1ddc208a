"""What the entries of the audit chain are about: named by references and labels, and whose network it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crisispool.domain.booking import Booking, Hold
from crisispool.domain.calendar_feed import CalendarFeed
from crisispool.domain.care import CareCall
from crisispool.domain.daytime import DaytimeQuestion
from crisispool.domain.duty import DutyShift
from crisispool.domain.handover import Case, Handover
from crisispool.domain.household import Person
from crisispool.domain.messenger import Invitation, MessengerLink
from crisispool.domain.night_list import NightList
from crisispool.domain.oidc import OidcLink
from crisispool.domain.organisation import ClosingDay, Colleague, Network, Organisation
from crisispool.domain.passkey import Passkey
from crisispool.domain.record import AuditEntry
from crisispool.domain.request import HIDING_KINDS, Request
from crisispool.domain.rounds import Round
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.domain.web_session import WebSession
from crisispool.domain.weekend import WeekendLine
from crisispool.ports import OneOf, Transaction

RECORDS: Final[dict[str, type[Any]]] = {
    "booking": Booking,
    "request": Request,
    "case": Case,
    "handover": Handover,
    "person": Person,
    "unit": Unit,
    "care_call": CareCall,
    "weekend_line": WeekendLine,
    "round": Round,
    "shift": DutyShift,
    "closing_day": ClosingDay,
    "night_list": NightList,
    "network": Network,
    "organisation": Organisation,
    "colleague": Colleague,
    "messenger_link": MessengerLink,
    "web_session": WebSession,
    "passkey": Passkey,
    "oidc_link": OidcLink,
    "calendar_feed": CalendarFeed,
    "invitation": Invitation,
    "question": DaytimeQuestion,
}
"""The kinds of things that entries are about."""

NAMED_BY: Final[dict[str, tuple[str, str]]] = {
    "handover": ("case_id", "case"),
    "person": ("request_id", "request"),
    "care_call": ("booking_id", "booking"),
    "weekend_line": ("booking_id", "booking"),
    "shift": ("colleague_id", "colleague"),
    "messenger_link": ("colleague_id", "colleague"),
    "web_session": ("colleague_id", "colleague"),
    "passkey": ("colleague_id", "colleague"),
    "oidc_link": ("colleague_id", "colleague"),
    "calendar_feed": ("colleague_id", "colleague"),
}
"""Things without a name of their own, and what they are known by."""

_NAME: Final[dict[str, Callable[[Any], str]]] = {
    "booking": lambda it: it.reference,
    "request": lambda it: it.reference,
    "case": lambda it: it.reference,
    "unit": lambda it: it.label,
    "organisation": lambda it: it.name,
    "network": lambda it: it.name,
    "colleague": lambda it: it.label,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: `name` is a reference or a label, empty when there is none that may be shown.

    `networks`: whose it is; empty when nobody can say any more. `hidden`: a unit that people who hide were given.
    """

    name: str = ""
    networks: frozenset[str] = frozenset()
    hidden: bool = False


async def subjects_of(tx: Transaction, entries: Sequence[AuditEntry]) -> dict[int, Subject]:
    """What each of these entries is about, by its number."""
    wanted: dict[str, set[str]] = {kind: set() for kind in RECORDS}
    for entry in entries:
        if entry.subject_kind in wanted:
            wanted[entry.subject_kind].add(entry.subject_id)
    found: dict[str, dict[str, Any]] = {}
    # Those that name others come first, so that the others are looked up once with all that is asked of them.
    for kind in sorted(RECORDS, key=lambda kind: (kind not in NAMED_BY, kind)):
        found[kind] = await by_id(tx, RECORDS[kind], wanted[kind])
        if kind in NAMED_BY:
            column, other = NAMED_BY[kind]
            wanted[other] |= {getattr(row, column) for row in found[kind].values()} - {None}
    networks: dict[str, set[str]] = {}
    units = OneOf(tuple(wanted["unit"]))
    for row in await tx.find(UnitNetwork, unit_id=units) if wanted["unit"] else ():
        networks.setdefault(row.unit_id, set()).add(row.network_id)
    asked = await _asked_by(tx, entries)
    return {
        entry.seq: _subject(entry, found, networks, asked.get(str(entry.details.get("hold", ""))))
        for entry in entries
    }


def _subject(
    entry: AuditEntry,
    found: Mapping[str, Mapping[str, Any]],
    networks: Mapping[str, set[str]],
    asked: Request | None,
) -> Subject:
    kind, hidden = entry.subject_kind, asked is not None and asked.kind in HIDING_KINDS
    it = found.get(kind, {}).get(entry.subject_id)
    if it is None:
        return Subject(hidden=hidden)
    if kind == "unit":
        # Of a unit in two networks, a hold is that of the one in which it was asked.
        of_hold = frozenset({asked.network_id}) if asked else None
        return Subject("" if hidden else it.label, of_hold or frozenset(networks.get(it.id, ())), hidden)
    known = it
    if kind in NAMED_BY:
        column, kind = NAMED_BY[kind]
        known = found[kind].get(getattr(it, column))
    whose = it.id if kind == "network" else getattr(it, "network_id", getattr(known, "network_id", None))
    return Subject(
        _NAME[kind](known) if known is not None and kind in _NAME else "",
        frozenset({whose}) if whose else frozenset(),
    )


async def _asked_by(tx: Transaction, entries: Iterable[AuditEntry]) -> dict[str, Request]:
    """For whom a unit was held, by the id of the hold. Where people hide, which unit it was is known to few."""
    holds = await by_id(
        tx, Hold, {str(entry.details["hold"]) for entry in entries if "hold" in entry.details}
    )
    asked = await by_id(tx, Request, {hold.request_id for hold in holds.values()})
    return {key: asked[hold.request_id] for key, hold in holds.items()}


async def by_id(tx: Transaction, record: type[Any], ids: Iterable[str]) -> dict[str, Any]:
    """These records, by id; those that are gone are not there."""
    chosen = tuple(sorted(ids))
    return {row.id: row for row in await tx.find(record, id=OneOf(chosen))} if chosen else {}


async def ids_named(tx: Transaction, network_id: str, text: str) -> tuple[str, ...]:
    """Ids of everything that a reference or a label means: of a request or a booking its whole case."""
    name = " ".join(text.split())
    reference = name.upper()
    where: dict[str, Any] = {"network_id": network_id, "reference": reference}
    requests = {row.id for row in await tx.find(Request, **where)}
    requests |= {row.request_id for row in await tx.find(Booking, **where)}
    requests |= {row.request_id for row in await tx.find(Case, **where)}
    if requests:
        return tuple(await _whole_cases(tx, requests))
    offered = OneOf(tuple(row.unit_id for row in await tx.find(UnitNetwork, network_id=network_id)))
    found = [row.id for row in await tx.find(Unit, id=offered) if name.lower() in (row.label.lower(), row.id)]
    for kind, said in ((Organisation, "name"), (Colleague, "label")):
        rows: list[Any] = await tx.find(kind, network_id=network_id)
        found += [row.id for row in rows if name.lower() in (getattr(row, said).lower(), row.id)]
    return tuple(found)


async def _whole_cases(tx: Transaction, requests: set[str]) -> set[str]:
    asked = OneOf(tuple(requests))
    cases = {row.id for row in await tx.find(Case, request_id=asked)}
    bookings = {row.id for row in await tx.find(Booking, request_id=asked)}
    people = {row.id for row in await tx.find(Person, request_id=asked)}
    of_case, of_booking = OneOf(tuple(cases)), OneOf(tuple(bookings))
    handovers = {row.id for row in await tx.find(Handover, case_id=of_case)}
    calls = {row.id for row in await tx.find(CareCall, booking_id=of_booking)}
    lines = {row.id for row in await tx.find(WeekendLine, booking_id=of_booking)}
    return requests | cases | bookings | people | handovers | calls | lines

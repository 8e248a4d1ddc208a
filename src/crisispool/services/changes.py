"""What changed since: the entries of the audit chain, read as news for those who watch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from crisispool.domain.audit import HEAD, ChainHead
from crisispool.domain.booking import Booking
from crisispool.domain.care import CareCall
from crisispool.domain.duty import DutyShift
from crisispool.domain.handover import Case, Handover
from crisispool.domain.news import (
    CHANGE_A_STATUS,
    CHANGE_WHO_HEARS,
    KINDS_OF_ACTION,
    Listener,
    News,
    NewsKind,
    listener,
)
from crisispool.domain.organisation import Actor, ClosingDay, Colleague, Role
from crisispool.domain.record import AuditEntry
from crisispool.domain.request import Request
from crisispool.domain.rounds import Round
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.domain.weekend import WeekendLine
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.duty import is_on_duty
from crisispool.services.parts import Parts

MOST_ENTRIES: Final = 500
"""Who is further behind looks at everything anew: that is quicker than being told what."""

SUBJECTS: Final[dict[str, type[Any]]] = {
    "booking": Booking,
    "request": Request,
    "handover": Handover,
    "case": Case,
    "care_call": CareCall,
    "weekend_line": WeekendLine,
    "round": Round,
    "shift": DutyShift,
    "closing_day": ClosingDay,
}
"""Records that say which network an entry is about, by the kind of its subject."""


@dataclass(frozen=True)
class Batch:
    """The news of the entries after number `since`, up to `seq`.

    `who_hears`: after one of these entries somebody may hear something else than before, or nothing.
    """

    since: int
    seq: int
    news: tuple[News, ...]
    who_hears: bool = False


class Changes:
    """Reads the end of the audit chain. Nothing here says who or what, only that and where."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def head(self) -> int:
        """The number of the last entry: one row, read every second."""
        async with self._parts.store.reading() as tx:
            head = await tx.get(ChainHead, HEAD)
        return head.seq if head else 0

    async def since(self, seq: int) -> Batch | None:
        """The news of all later entries; None when there are more than `MOST_ENTRIES`, or the chain is shorter. When
        there are none, one row was read."""
        async with self._parts.store.reading() as tx:
            head = await tx.get(ChainHead, HEAD)
            if seq == (head.seq if head else 0):
                return Batch(seq, seq, ())
            if head is None or not 0 <= seq <= head.seq <= seq + MOST_ENTRIES:
                return None
            entries = await tx.find(AuditEntry, seq=AtLeast(seq + 1), order=("seq",))
            news = tuple(await _news(tx, entries))
            who_hears = any(entry.action in CHANGE_WHO_HEARS for entry in entries) or any(
                each.kind in (NewsKind.DUTY, NewsKind.EVERYTHING) for each in news
            )
            return Batch(seq, head.seq, news, who_hears)

    async def listener(self, actor: Actor) -> Listener:
        """What this asker may hear of now: who takes calls hears what the desk hears only on duty."""
        if actor.is_(Role.CALLTAKER):
            async with self._parts.store.reading() as tx:
                if not await is_on_duty(tx, actor, self._parts.now()):
                    actor = replace(actor, roles=actor.roles - {Role.CALLTAKER})
        return listener(actor)


async def _news(tx: Transaction, entries: Iterable[AuditEntry]) -> list[News]:
    told = [entry for entry in entries if _kinds(entry)]
    found = {kind: await _by_id(tx, record, _ids(told, kind)) for kind, record in SUBJECTS.items()}
    bookings: dict[str, Booking] = found["booking"]
    left = [str(entry.details["from"]) for entry in told if entry.action == "booking.moved"]
    bookings |= await _by_id(tx, Booking, left)
    asked = await _by_id(tx, Request, [booking.request_id for booking in bookings.values()])
    asked |= found["request"]
    places = await _places(tx, [*_ids(told, "unit"), *(booking.unit_id for booking in bookings.values())])
    home = await _homes(tx, told)
    news: dict[News, None] = {}
    for entry in told:
        subject = found.get(entry.subject_kind, {}).get(entry.subject_id)
        whose = frozenset({subject.network_id}) if subject is not None else home(entry)
        for kind in _kinds(entry):
            if kind is NewsKind.UNITS:
                status = entry.action in CHANGE_A_STATUS
                where = [places[each] for each in _units(entry, bookings) if each in places]
                news |= dict.fromkeys(replace(each, status=status) for each in where)
            else:
                request = asked.get(_request(entry, bookings)) if kind is NewsKind.REQUESTS else None
                news[News(kind, whose, asked_by=request.created_by if request else None)] = None
    return list(news)


def _kinds(entry: AuditEntry) -> tuple[NewsKind, ...]:
    return KINDS_OF_ACTION.get(entry.action.partition(".")[0], ())


def _units(entry: AuditEntry, bookings: dict[str, Booking]) -> list[str]:
    """The units whose status an entry may have changed; a move changes two."""
    if entry.subject_kind == "unit":
        return [entry.subject_id]
    named = (entry.subject_id, str(entry.details.get("from", "")))
    return [bookings[each].unit_id for each in named if each in bookings]


def _request(entry: AuditEntry, bookings: dict[str, Booking]) -> str:
    """The request that an entry is about, for who asked; of a bed they hear that it was given, and no more."""
    if entry.action == "booking.made" and entry.subject_id in bookings:
        return bookings[entry.subject_id].request_id
    return entry.subject_id if entry.subject_kind == "request" else ""


async def _places(tx: Transaction, unit_ids: Sequence[str]) -> dict[str, News]:
    """The news that something changed there, by unit id."""
    chosen = tuple(set(unit_ids))
    networks: dict[str, set[str]] = {}
    for row in await tx.find(UnitNetwork, unit_id=OneOf(chosen)) if chosen else []:
        networks.setdefault(row.unit_id, set()).add(row.network_id)
    units = await _by_id(tx, Unit, chosen)
    return {
        unit_id: News(NewsKind.UNITS, frozenset(networks.get(unit_id, ())), unit_id, unit.owner_id)
        for unit_id, unit in units.items()
    }


async def _homes(tx: Transaction, entries: Sequence[AuditEntry]) -> Any:
    """For an entry whose subject is gone, or is a network: the network of who did it."""
    people = await _by_id(tx, Colleague, [entry.actor for entry in entries])

    def home(entry: AuditEntry) -> frozenset[str]:
        if entry.subject_kind == "network":
            return frozenset({entry.subject_id})
        who = people.get(entry.actor)
        return frozenset({who.network_id}) if who else frozenset()

    return home


def _ids(entries: Iterable[AuditEntry], kind: str) -> list[str]:
    return [entry.subject_id for entry in entries if entry.subject_kind == kind]


async def _by_id(tx: Transaction, record: type[Any], ids: Iterable[str]) -> dict[str, Any]:
    chosen = tuple(set(ids))
    return {row.id: row for row in await tx.find(record, id=OneOf(chosen))} if chosen else {}

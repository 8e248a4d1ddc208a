"""What must hold at every moment, read from the record and compared: nothing here changes anything."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from crisispool.domain.audit import HEAD, SEAL_PURPOSE, ChainHead, Link, claim, digest_of, end_of, follow
from crisispool.domain.booking import (
    LIVE_STATES,
    Booking,
    BookingPerson,
    BookingState,
    Hold,
    PersonNight,
    UnitNight,
)
from crisispool.domain.errors import Outage
from crisispool.domain.handover import Case, Handover, HandoverState
from crisispool.domain.messenger import Channel
from crisispool.domain.organisation import ApiToken, Network
from crisispool.domain.record import AuditEntry, Operation
from crisispool.domain.request import Request, RequestState
from crisispool.ports import AtLeast, Store, Transaction, Vault
from crisispool.services.broken import Broken
from crisispool.services.facts import Facts, NetworkFacts
from crisispool.services.invariants_messages import message_rules
from crisispool.services.invariants_people import people_rules
from crisispool.services.invariants_rounds import round_rules
from crisispool.services.invariants_units import LATE, unit_rules
from crisispool.services.live_view import LiveView

COUNTED: Final = LIVE_STATES | {BookingState.CHECKED_OUT}
"""States of which the nights count."""


CHAIN_PAGE: Final = 500
"""How many audit entries are checked at once: milliseconds, then others have their turn."""
CHAIN_STRETCH: Final = 10 * CHAIN_PAGE
"""How many are checked before somebody who waits for it is told how far it is."""


@dataclass(frozen=True)
class _Beds:
    """Everything that says who sleeps where."""

    bookings: dict[str, Booking]
    holds: dict[str, Hold]
    unit_nights: Sequence[UnitNight]
    person_nights: Sequence[PersonNight]
    sleepers: dict[str, frozenset[str]]


RULES: Final = (
    "audit_chain",
    "double_booking",
    "unit_nights",
    "person_nights",
    "stay_limit",
    "person_links",
    "owner_in_the_way",
    "hold_lapsed",
    "handed_over_once",
    "handed_over_when_due",
    "handed_over_in_time",
    "escalated_in_time",
    "request_unseen",
    "round_done_in_time",
    "care_in_time",
    "checkout_asked",
    "message_failed",
    "message_waits",
    "update_waits",
    "live_view",
)
"""The rules that are checked, in this order."""


class Invariants:
    """Checks all rules on the live data."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        view: LiveView,
        facts: Facts,
        channels: frozenset[Channel] = frozenset(),
    ) -> None:
        self._store = store
        self._vault = vault
        self._view = view
        self._facts = facts
        self._channels = channels

    async def broken(self, now: datetime) -> list[Broken]:
        """Every rule that does not hold at `now`. Raises Outage when the record is away."""
        chain, _ = await self.chain(Link())
        return [*chain, *await self.record(now), *await self._live_view(now)]

    async def record(self, now: datetime) -> list[Broken]:
        """What does not hold within the record, without its audit chain. Raises Outage."""
        async with self._store.reading() as tx:
            return [
                *_beds(await _read_beds(tx), now),
                *await people_rules(tx, self._facts),
                *await unit_rules(tx, now),
                *await self._days(tx),
                *_morning(await tx.find(Case), await tx.find(Handover), now),
                *_requests(await tx.find(Request, state=RequestState.OPEN), now),
                *await round_rules(tx, now),
                *await message_rules(tx, self._channels, now),
            ]

    async def chain(self, since: Link) -> tuple[list[Broken], Link]:
        """What is wrong with the audit chain after `since`, and how far it is right: where a next look goes on.

        When the record does not have `since` any more (it was put back) all is checked. Raises Outage.
        """
        broken = None
        while broken is None:
            broken, since = await self.stretch(since)
        return broken, since

    async def stretch(self, since: Link) -> tuple[list[Broken] | None, Link]:
        """The same for at most `CHAIN_STRETCH` entries; None as long as there are more. Raises Outage."""
        async with self._store.reading() as tx:
            known = await tx.get(AuditEntry, since.seq)
        if known is None or digest_of(known) != since.digest:
            since = Link()
        last = since.seq + CHAIN_STRETCH
        while since.seq < last:
            async with self._store.reading() as tx:
                after = AtLeast(since.seq + 1)
                page = await tx.find(AuditEntry, seq=after, order=("seq",), limit=CHAIN_PAGE)
                reached = follow(since, page)
                whole = reached.seq == since.seq + len(page)
                since = reached
                if whole and len(page) == CHAIN_PAGE:
                    continue
                head = await tx.get(ChainHead, HEAD)
                if not whole or since != end_of(head):
                    return [Broken("audit_chain", str(since.seq + 1))], since
                return await self._sealed(tx, head), since
        return None, since

    async def _sealed(self, tx: Transaction, head: ChainHead | None) -> list[Broken]:
        if head is None or not head.seq:
            # Every change leaves an entry: a record with changes and an empty chain had one.
            used = [*await tx.find(Operation, limit=1), *await tx.find(ApiToken, limit=1)]
            return [Broken("audit_chain", "emptied")] if used else []
        if head.seal != self._vault.digest(SEAL_PURPOSE, claim(head.seq, head.digest)):
            return [Broken("audit_chain", "seal")]
        return []

    async def _days(self, tx: Transaction) -> list[Broken]:
        """A case that still has to go over does so on the working day after its night."""
        found = []
        for network in await tx.find(Network):
            waiting = await tx.find(Case, network_id=network.id, handed_over_at=None, closed_at=None)
            if waiting:
                facts = await self._facts.network(tx, network.id)
                found += [
                    Broken("handed_over_when_due", case.id)
                    for case in waiting
                    if _day_of(case, facts) != facts.calendar.next_working_day(case.night)
                ]
        return found

    async def _live_view(self, now: datetime) -> list[Broken]:
        try:
            different = await self._view.differences(now)
            if different:
                # Somebody may have been between record and view: only what stays different is broken.
                different = [unit for unit in await self._view.differences(now) if unit in different]
        except Outage as outage:
            return [Broken("live_view", outage.hint)]
        return [Broken("live_view", unit_id) for unit_id in different]


async def _read_beds(tx: Transaction) -> _Beds:
    sleepers: dict[str, set[str]] = defaultdict(set)
    for row in await tx.find(BookingPerson):
        sleepers[row.booking_id].add(row.person_id)
    return _Beds(
        bookings={booking.id: booking for booking in await tx.find(Booking)},
        holds={hold.id: hold for hold in await tx.find(Hold)},
        unit_nights=await tx.find(UnitNight),
        person_nights=await tx.find(PersonNight),
        sleepers={booking_id: frozenset(persons) for booking_id, persons in sleepers.items()},
    )


def _beds(beds: _Beds, now: datetime) -> Iterator[Broken]:
    counted = [booking for booking in beds.bookings.values() if booking.state in COUNTED]
    yield from _double(counted)
    taken: dict[str, set[date]] = defaultdict(set)
    for row in beds.unit_nights:
        booking, hold = beds.bookings.get(row.booking_id or ""), beds.holds.get(row.hold_id or "")
        holder = booking or hold
        if holder is None or holder.unit_id != row.unit_id or (hold and hold.ended_at is not None):
            yield Broken("unit_nights", f"{row.unit_id} {row.night}")
        elif booking is not None:
            taken[booking.id].add(row.night)
    slept: dict[str, set[tuple[str, date]]] = defaultdict(set)
    for night in beds.person_nights:
        slept[night.booking_id].add((night.person_id, night.night))
    asleep = set().union(*slept.values())
    for booking in beds.bookings.values():
        nights = set(booking.nights) if booking.state in COUNTED else set()
        if taken[booking.id] != nights:
            yield Broken("unit_nights", booking.id)
        persons = beds.sleepers.get(booking.id, frozenset())
        meant = {(person, night) for person in persons for night in nights}
        # Who goes on in the second unit of the household slept in the first one until then.
        if not slept[booking.id] <= meant <= asleep:
            yield Broken("person_nights", booking.id)


def _double(counted: Sequence[Booking]) -> Iterator[Broken]:
    """Straight from the bookings, so that it also finds what the nights' own rule failed to prevent."""
    seen: set[tuple[str, date]] = set()
    for booking in counted:
        for night in booking.nights:
            if (booking.unit_id, night) in seen:
                yield Broken("double_booking", f"{booking.unit_id} {night}")
            seen.add((booking.unit_id, night))


def _morning(cases: Sequence[Case], handovers: Sequence[Handover], now: datetime) -> Iterator[Broken]:
    of_case: dict[str, int] = defaultdict(int)
    for handover in handovers:
        of_case[handover.case_id] += 1
        waiting = handover.state is not HandoverState.CLOSED and handover.next_action_at is not None
        if waiting and _passed(handover.next_action_at, now):
            yield Broken("escalated_in_time", handover.id)
    for case in cases:
        if of_case[case.id] > 1 or (of_case[case.id] and case.handed_over_at is None):
            yield Broken("handed_over_once", case.id)
        if case.handed_over_at is None and case.closed_at is None and _passed(case.handover_due_at, now):
            yield Broken("handed_over_in_time", case.id)


def _requests(waiting: Sequence[Request], now: datetime) -> Iterator[Broken]:
    for request in waiting:
        if request.next_action_at is None or _passed(request.next_action_at, now):
            yield Broken("request_unseen", request.id)


def _day_of(case: Case, facts: NetworkFacts) -> date:
    return facts.calendar.local(case.handover_due_at).date()


def _passed(due: datetime | None, now: datetime) -> bool:
    return due is not None and due + LATE < now

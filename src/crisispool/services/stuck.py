"""What is stuck: everything that waits for somebody longer than it should, in one list for the coordinator."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.care import CareCall, CareState
from crisispool.domain.handover import Case, Handover
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.record import Message, MessageState
from crisispool.domain.request import Request, RequestState
from crisispool.domain.weekend import LineAnswer
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.parts import Parts, require
from crisispool.services.waiting import Wait
from crisispool.services.weekend import Weekend

LOOK_BACK = timedelta(days=3)
"""How long a message that reached nobody, or a question to the coordinator, still counts."""


class StuckKind(StrEnum):
    """Why something is on the list, the most urgent first."""

    DECIDE_STAY = "decide_stay"  # the desk waits for the coordinator
    UNTAKEN = "untaken"
    UNDECIDED = "undecided"
    CARE = "care"  # households nobody called today
    EXTENSION = "extension"  # outreach asks for more nights than it may give
    WEEKEND = "weekend"  # households without an answer after the hour
    CONTACT = "contact"
    WORKER = "worker"
    OVERSTAY = "overstay"
    CHECKOUT = "checkout"  # the stay is over and nobody says whether they left
    ARRIVAL = "arrival"  # nobody said whether they came
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class StuckAnswer:
    """One thing that is stuck `since` a moment. `id` is of the request, handover or booking that it opens; what is
    counted together has no id."""

    kind: StuckKind
    since: datetime
    id: str = ""
    reference: str = ""
    count: int = 1


class Stuck:
    """Nothing waits unseen: what the sweep told somebody once stays here until it is done."""

    def __init__(self, parts: Parts, weekend: Weekend) -> None:
        self._parts = parts
        self._weekend = weekend

    async def everything(self, actor: Actor) -> list[StuckAnswer]:
        """All of the asker's network, the most urgent first and of each kind the longest waiting."""
        require(actor, Role.COORDINATOR)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            found = [
                *[each async for each in self._requests(tx, network)],
                *[each async for each in self._handovers(tx, network, now)],
                *[each async for each in self._bookings(tx, network, now)],
                *[each async for each in self._asked(tx, network, now)],
                *await self._counted(tx, network, now),
            ]
        found += await self._lines(actor, network, now)
        order = list(StuckKind)
        return sorted(found, key=lambda each: (order.index(each.kind), each.since, each.id))

    async def _requests(self, tx: Transaction, network: NetworkFacts) -> AsyncIterator[StuckAnswer]:
        for request in await tx.find(Request, network_id=network.network.id, state=RequestState.OPEN):
            asked = request.coordinator_asked_at
            if asked is not None:
                kind = StuckKind.DECIDE_STAY
            elif request.next_step in (Wait.COORDINATOR, Wait.FALLBACK):
                kind = StuckKind.UNTAKEN
            elif request.next_step in (Wait.UNDECIDED, Wait.OVERDUE):
                kind = StuckKind.UNDECIDED
            else:
                continue
            yield StuckAnswer(kind, asked or request.created_at, request.id, request.reference)

    async def _handovers(
        self, tx: Transaction, network: NetworkFacts, now: datetime
    ) -> AsyncIterator[StuckAnswer]:
        where: dict[str, Any] = {"network_id": network.network.id, "closed_at": None, "contacted_at": None}
        rows = await tx.find(Handover, **where)
        cases = {case.id: case for case in await tx.find(Case, id=OneOf(tuple(row.case_id for row in rows)))}
        calendar, policy = network.calendar, network.policy
        for row in rows:
            day = calendar.local(row.due_at).date()
            contact_by = calendar.instant(day, policy.first_contact_by)
            worker_by = calendar.instant(day, policy.coordinator_at)
            reference = cases[row.case_id].reference
            if contact_by <= now:
                yield StuckAnswer(StuckKind.CONTACT, contact_by, row.id, reference)
            elif row.worker_id is None and worker_by <= now:
                yield StuckAnswer(StuckKind.WORKER, worker_by, row.id, reference)

    async def _bookings(
        self, tx: Transaction, network: NetworkFacts, now: datetime
    ) -> AsyncIterator[StuckAnswer]:
        asked = len(network.policy.ask_arrival_after)
        live = OneOf(tuple(LIVE_STATES))
        for row in await tx.find(Booking, network_id=network.network.id, state=live):
            ended = network.calendar.instant(row.checkout, network.policy.checkout_at)
            if row.overstay_at is not None:
                yield StuckAnswer(StuckKind.OVERSTAY, ended, row.id, row.reference)
            elif ended + timedelta(days=1) <= now:
                yield StuckAnswer(StuckKind.CHECKOUT, ended, row.id, row.reference)
            elif not row.arrival_known and row.arrival_asked >= asked:
                yield StuckAnswer(StuckKind.ARRIVAL, row.at, row.id, row.reference)

    async def _asked(
        self, tx: Transaction, network: NetworkFacts, now: datetime
    ) -> AsyncIterator[StuckAnswer]:
        """Questions of outreach for more nights, as long as the stay still ends where it did."""
        key, since = "message.extension_asked", AtLeast(now - LOOK_BACK)
        asked = await tx.find(Message, network_id=network.network.id, key=key, at=since, order=("at",))
        # Of one stay it may be asked more than once: after each time that it got longer.
        first = {(message.about_id, message.facts["checkout"]): message for message in reversed(asked)}
        ids = OneOf(tuple({booking_id for booking_id, _ in first}))
        for booking in await tx.find(Booking, id=ids, state=OneOf(tuple(LIVE_STATES))):
            message = first.get((booking.id, booking.checkout.isoformat()))
            if message is not None:
                yield StuckAnswer(StuckKind.EXTENSION, message.at, booking.id, booking.reference)

    async def _counted(self, tx: Transaction, network: NetworkFacts, now: datetime) -> list[StuckAnswer]:
        network_id, policy = network.network.id, network.policy
        today = network.calendar.local(now).date()
        overdue = network.calendar.instant(today, policy.care_overdue_at)
        found = []
        if overdue <= now:
            calls = await tx.find(CareCall, network_id=network_id, day=today, state=CareState.OPEN, tries=0)
            if calls:
                found.append(StuckAnswer(StuckKind.CARE, overdue, count=len(calls)))
        since, state = AtLeast(now - LOOK_BACK), MessageState.FAILED
        failed = await tx.find(Message, network_id=network_id, state=state, at=since, order=("at",))
        if failed:
            found.append(StuckAnswer(StuckKind.UNDELIVERED, failed[0].at, count=len(failed)))
        return found

    async def _lines(self, actor: Actor, network: NetworkFacts, now: datetime) -> list[StuckAnswer]:
        waiting = [
            line for line in await self._weekend.list(actor) if line.answer in (None, LineAnswer.COORDINATOR)
        ]
        if not waiting:
            return []
        until = network.calendar.instant(waiting[0].day, network.policy.weekend_list_until)
        passed = until <= now or any(line.answer for line in waiting)
        return [StuckAnswer(StuckKind.WEEKEND, until, count=len(waiting))] if passed else []

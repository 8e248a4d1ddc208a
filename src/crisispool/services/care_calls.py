"""The calls of a closed day: opened at 16:00, followed by a step whenever nobody records anything."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from crisispool.domain.booking import LIVE_STATES, Booking, BookingPerson, BookingState
from crisispool.domain.care import CareCall, CareState, CareStep, after_step, closed, is_called, opened
from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Colleague, Role
from crisispool.domain.request import Request
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.booking_rows import COUNTING_STATES
from crisispool.services.facts import NetworkFacts
from crisispool.services.handover_rows import SYSTEM
from crisispool.services.messages import having, tell, tell_role
from crisispool.services.parts import Parts
from crisispool.services.reaching import reach


class CareCalls:
    """Rows of weekend care inside a transaction of its caller. Policy: weekend care, section 5."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(self, tx: Transaction, network: NetworkFacts, day: date, now: datetime) -> None:
        """One call for each booking with people in it; the desk is asked, or whoever is there."""
        live = OneOf(tuple(LIVE_STATES))
        found = await tx.find(Booking, network_id=network.network.id, state=live, order=("reference",))
        since = await _in_the_network_since(tx, found)
        inside = [each for each in found if is_called(each, since[each.case_id], day)]
        for booking in await self._to_call(tx, inside, day):
            call = self._call(booking, day, CareState.OPEN, now)
            await tx.add(opened(call, network.calendar, network.policy))
            await self._ask(tx, booking, Duty.CALLTAKER, "message.care_ask", call, now)

    async def missed(
        self, tx: Transaction, network: NetworkFacts, days: Iterable[date], now: datetime
    ) -> None:
        """Closed days on which nothing ran: the calls nobody made are on record, and the coordinators are told."""
        where: dict[str, Any] = {"network_id": network.network.id, "order": ("reference",)}
        uncalled = []
        for day in days:
            at = network.calendar.instant(day, network.policy.care_at)
            found = [
                *await tx.find(Booking, state=OneOf(tuple(LIVE_STATES)), **where),
                *await tx.find(Booking, state=BookingState.CHECKED_OUT, ended_at=AtLeast(at), **where),
            ]
            since = await _in_the_network_since(tx, found)
            inside = [each for each in found if since[each.case_id] < day and each.night <= day]
            for booking in await self._to_call(tx, inside, day):
                await tx.add(self._call(booking, day, CareState.NOT_CALLED, now))
                uncalled.append(day)
        if uncalled:
            names = [day.isoformat() for day in sorted(set(uncalled))]
            about, mark = ("network", network.network.id), f"care_missed:{names[-1]}"
            key, facts = "message.care_missed", {"days": names}
            await tell_role(
                tx, self._parts.ids, network.network.id, Role.COORDINATOR, key, facts, about, mark, now
            )

    async def step(self, tx: Transaction, call_id: str, now: datetime) -> int:
        """Do the step that is due. Who has left by now is not asked about any more."""
        [call] = await tx.lock(CareCall, [call_id])
        step, due_at = call.next_step, call.next_action_at
        if step is None or due_at is None or due_at > now:
            return 0
        [booking] = await tx.find(Booking, id=call.booking_id)
        if booking.state not in LIVE_STATES:
            after = closed(call, CareState.ENDED)
        else:
            network = await self._parts.facts.network(tx, call.network_id)
            after = after_step(call, network.calendar, network.policy)
            if step is CareStep.OVERDUE:
                await self._ask(tx, booking, Duty.CALLTAKER, "message.care_overdue", call, now)
                await self._ask(tx, booking, Duty.COORDINATOR, "message.care_overdue", call, now)
            elif step is CareStep.AGAIN:
                await self._ask(tx, booking, Duty.CALLTAKER, "message.care_again", call, now)
            elif after.state is CareState.NO_ANSWER:
                await self.tell_who_asked(tx, network, booking, call, now)
        await tx.save(replace(after, version=call.version + 1))
        done = step if after.state is CareState.OPEN else after.state
        await tx.audit(SYSTEM, f"care.{done}", "care_call", call.id, now)
        return 1

    async def ask_for_help(self, tx: Transaction, booking: Booking, call: CareCall, now: datetime) -> None:
        """The coordinator on call is told at once."""
        await self._ask(tx, booking, Duty.COORDINATOR, "message.care_help", call, now)

    async def tell_who_asked(
        self, tx: Transaction, network: NetworkFacts, booking: Booking, call: CareCall, now: datetime
    ) -> None:
        """Nobody answered, in the evening neither: who asked for the bed hears it, else a colleague of theirs;
        for a bed that was asked by phone the desk rings that service."""
        asked = await self._who_asked(tx, booking)
        if not asked:
            await self._ask(tx, booking, Duty.CALLTAKER, "message.care_unreached_desk", call, now)
        for colleague_id in asked:
            await tell(
                tx,
                self._parts.ids,
                booking.network_id,
                ("colleague", colleague_id),
                "message.care_unreached",
                {"reference": booking.reference, "phone": network.network.desk_phone},
                ("booking", booking.id),
                f"care:{call.id}:unreached",
                now,
                urgent=True,
            )

    async def _who_asked(self, tx: Transaction, booking: Booking) -> tuple[str, ...]:
        [request] = await tx.find(Request, id=booking.request_id)
        referrers = await having(tx, booking.network_id, Role.REFERRER)
        if request.created_by in referrers:
            return (request.created_by,)
        if request.referrer_organisation_id is None:
            return ()
        there = await tx.find(Colleague, organisation_id=request.referrer_organisation_id, order=("id",))
        return tuple(each.id for each in there if each.id in referrers)

    async def _to_call(self, tx: Transaction, found: Sequence[Booking], day: date) -> list[Booking]:
        """Of these bookings those with people in it who have no call of this day yet. Who has two, one after the
        other, is called once: where they slept last."""
        network_ids = OneOf(tuple({booking.network_id for booking in found}))
        calls = {row.booking_id for row in await tx.find(CareCall, network_id=network_ids, day=day)}
        ids = OneOf((*calls, *(booking.id for booking in found)))
        people: dict[str, set[str]] = defaultdict(set)
        for row in await tx.find(BookingPerson, booking_id=ids):
            people[row.booking_id].add(row.person_id)
        called = set().union(*(people[booking_id] for booking_id in calls))
        to_call = []
        for booking in sorted(found, key=lambda each: (each.night < day, each.night), reverse=True):
            if not people[booking.id] <= called:
                called |= people[booking.id]
                to_call.append(booking)
        return to_call

    def _call(self, booking: Booking, day: date, state: CareState, now: datetime) -> CareCall:
        return CareCall(self._parts.ids.new(), booking.network_id, booking.id, day, state, now)

    async def _ask(
        self, tx: Transaction, booking: Booking, first: Duty, key: str, call: CareCall, now: datetime
    ) -> None:
        about, mark = ("booking", booking.id), f"care:{call.id}:{key}"
        if key == "message.care_help":
            # Help may be needed twice on one day.
            mark = f"{mark}:{call.version}"
        facts = {"reference": booking.reference}
        await reach(tx, self._parts.ids, booking.network_id, first, key, facts, about, mark, now)


async def calls_follow(tx: Transaction, old: Booking, new: Booking, day: date) -> None:
    """The people of a booking go on in another: today's call is about them, wherever they are."""
    found = await tx.find(CareCall, booking_id=old.id, day=day)
    for call in await tx.lock(CareCall, [each.id for each in found]):
        await tx.save(replace(call, booking_id=new.id, version=call.version + 1))


async def _in_the_network_since(tx: Transaction, bookings: Sequence[Booking]) -> dict[str, date]:
    """The first night of each case, by its id: a move or more nights elsewhere is no new arrival."""
    cases, counting = OneOf(tuple({each.case_id for each in bookings})), OneOf(tuple(COUNTING_STATES))
    first: dict[str, date] = {}
    for booking in await tx.find(Booking, case_id=cases, state=counting, order=("night",)):
        first.setdefault(booking.case_id, booking.night)
    return first

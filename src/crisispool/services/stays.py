"""During a stay: arrival, trouble at the door, leaving, cancelling."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from crisispool.domain.arrival import ask_arrival_at, nights_after_cancelling, nights_after_leaving
from crisispool.domain.booking import Booking, BookingPerson, BookingState
from crisispool.domain.errors import Conflict, NotThere, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import HIDING_KINDS, Request, RequestState
from crisispool.domain.unit import OutOfService, Turnover, Unit
from crisispool.ports import Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.availability import Availability
from crisispool.services.booking_rows import answer_of, drop_nights, must_be_live, take_nights
from crisispool.services.facts import NetworkFacts
from crisispool.services.holds import give
from crisispool.services.intake import DESK
from crisispool.services.messages import tell
from crisispool.services.parts import Parts, require
from crisispool.services.sight import booking_of

ARRIVERS = (*DESK, Role.REFERRER, Role.SUPPORT_WORKER)
LEAVERS = (*DESK, Role.SUPPORT_WORKER, Role.UNIT_MANAGER)

DOOR_PROBLEMS = frozenset({"key_fails", "not_in_order", "someone_inside"})
"""What may be wrong at the door."""

Change = Callable[[Transaction, Booking, Request, NetworkFacts], Awaitable[Booking]]


class Stays:
    """What happens to a booking after it was made. Policy: what counts, section 4; at the door, section 5."""

    def __init__(self, parts: Parts, availability: Availability) -> None:
        self._parts = parts
        self._availability = availability

    async def check_in(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """They are inside. Again changes nothing. Refusals: ``booking_over``."""
        require(actor, *ARRIVERS)
        now = self._parts.now()

        async def change(tx: Transaction, booking: Booking, _: Request, __: NetworkFacts) -> Booking:
            must_be_live(booking)
            if booking.arrival_known:
                return booking
            return replace(
                booking,
                state=BookingState.CHECKED_IN,
                arrival_known=True,
                arrived_at=now,
                ask_arrival_at=None,
            )

        return await self._change(actor, operation_id, "check_in", booking_id, change, now)

    async def still_on_the_way(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """Not there yet: the bed stays theirs, and the question comes back. Refusals: ``booking_over``."""
        require(actor, *ARRIVERS)
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            again = now + network.policy.ask_arrival_after[-1]
            return replace(booking, ask_arrival_at=None if booking.arrival_known else again)

        return await self._change(actor, operation_id, "still_on_the_way", booking_id, change, now)

    async def no_show(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """Someone said that they do not come: the unit is free again and no night counts.

        Refusals: ``booking_over``, ``already_inside``.
        """
        require(actor, *DESK, Role.REFERRER)
        now = self._parts.now()

        async def change(tx: Transaction, booking: Booking, request: Request, _: NetworkFacts) -> Booking:
            must_be_live(booking)
            if booking.arrival_known:
                raise Refusal("already_inside", {"reference": booking.reference})
            await drop_nights(tx, booking, booking.night)
            await self._reopen(tx, request, booking, None, now)
            await self._tell_owner(tx, booking, "message.no_show", now)
            return replace(booking, state=BookingState.NO_SHOW, ended_at=now, ask_arrival_at=None)

        return await self._change(actor, operation_id, "no_show", booking_id, change, now)

    async def cancel(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """The bed is not needed. Before 06:00 after the first night no night counts; later it counts as leaving.

        The request is open again. Refusals: ``booking_over``.
        """
        require(actor, *DESK, Role.REFERRER)
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            remain = nights_after_cancelling(booking, now, network.calendar)
            if remain:
                return await self._leave(tx, booking, request, network, remain, now)
            await drop_nights(tx, booking, booking.night)
            await self._reopen(tx, request, booking, actor.colleague_id, now)
            await self._tell_owner(tx, booking, "message.cancelled", now)
            return replace(booking, state=BookingState.CANCELLED, ended_at=now, ask_arrival_at=None)

        return await self._change(actor, operation_id, "cancel", booking_id, change, now)

    async def check_out(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """They left: the nights from today on are free, the unit is to be made ready. Refusals: ``booking_over``."""
        require(actor, *LEAVERS)
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            remain = nights_after_leaving(booking, now, network.calendar)
            return await self._leave(tx, booking, request, network, remain, now)

        return await self._change(actor, operation_id, "check_out", booking_id, change, now)

    async def move(self, actor: Actor, operation_id: str, booking_id: str, problem: str) -> BookingAnswer:
        """Trouble at the door: the same nights in the next best unit, the first out of service until its owner
        looked. One case, one handover, no night counted twice.

        Refusals: ``booking_over``, ``no_unit`` (nothing else is free: call the coordinator), ``no_longer_free``.
        """
        require(actor, *DESK, Role.REFERRER)
        parts, now = self._parts, self._parts.now()
        content = [booking_id, problem]
        kept = await parts.operations.replay(operation_id, "move", content, BookingAnswer)
        if kept is not None:
            return kept
        if problem not in DOOR_PROBLEMS:
            raise Refusal("bad_input", {"field": "problem", "problem": "unknown"})
        async with parts.store.reading() as tx:
            booking = await booking_of(tx, actor, booking_id)
            must_be_live(booking)
            network = await parts.facts.network(tx, booking.network_id)
            first = max(booking.night, network.calendar.night_of(now))
        nights = [first + timedelta(days=n) for n in range((booking.checkout - first).days)]
        proposals = await self._availability.for_request(booking.network_id, booking.request_id, nights)
        others = [proposal.unit_id for proposal in proposals if proposal.unit_id != booking.unit_id]
        if not nights or not others:
            raise Refusal("no_unit", {"reference": booking.reference})

        async def work(tx: Transaction) -> BookingAnswer:
            await tx.lock(Booking, [booking_id])
            old = await booking_of(tx, actor, booking_id)
            must_be_live(old)
            request = await tx.get(Request, old.request_id)
            if request is None:
                raise NotThere("booking")
            persons = await parts.facts.persons_of_booking(tx, old.id)
            await self._close_down(tx, old.unit_id, problem, now)
            await drop_nights(tx, old, first)
            ended = replace(old, ended_at=now, ask_arrival_at=None, version=old.version + 1)
            slept = first > old.night
            await tx.save(
                replace(ended, state=BookingState.CHECKED_OUT, checkout=first)
                if slept
                else replace(ended, state=BookingState.CANCELLED)
            )
            await give(tx, parts, network, request, others[0], nights, now)
            new = replace(
                old,
                id=parts.ids.new(),
                unit_id=others[0],
                night=first,
                state=BookingState.BOOKED,
                reference=parts.ids.reference(network.network.reference_prefix),
                by=actor.colleague_id,
                at=now,
                arrival_known=False,
                arrived_at=None,
                arrival_asked=0,
                moved_from=old.id,
                version=1,
            )
            new = replace(new, ask_arrival_at=ask_arrival_at(new, None, network.policy))
            await tx.add(new)
            await tx.add(*(BookingPerson(new.id, person.id) for person in persons))
            await take_nights(tx, new, persons, nights)
            await self._tell_owner(tx, old, "message.unit_out_of_service", now, {"problem": problem})
            await self._tell_owner(tx, new, "message.booking_moved", now)
            await tx.audit(
                actor.colleague_id,
                "booking.moved",
                "booking",
                new.id,
                now,
                {"from": old.id, "problem": problem},
            )
            return answer_of(new, persons)

        try:
            return await parts.operations.once(operation_id, "move", content, now, BookingAnswer, work)
        except Conflict:
            raise Refusal("no_longer_free") from None
        finally:
            await parts.view.refresh([booking.unit_id, others[0]], now)

    async def _change(
        self,
        actor: Actor,
        operation_id: str,
        name: str,
        booking_id: str,
        change: Change,
        now: datetime,
    ) -> BookingAnswer:
        parts = self._parts

        async def work(tx: Transaction) -> BookingAnswer:
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, actor, booking_id)
            request = await tx.get(Request, booking.request_id)
            if request is None:
                raise NotThere("booking")
            network = await parts.facts.network(tx, booking.network_id)
            changed = await change(tx, booking, request, network)
            if changed != booking:
                await self._next_version(tx, booking.unit_id)
                changed = replace(changed, version=booking.version + 1)
                await tx.save(changed)
                await tx.audit(actor.colleague_id, f"booking.{name}", "booking", booking.id, now)
            return answer_of(changed, await parts.facts.persons_of_booking(tx, booking.id))

        answer = await parts.operations.once(operation_id, name, booking_id, now, BookingAnswer, work)
        await parts.view.refresh([answer.unit_id], now)
        return answer

    async def _leave(
        self,
        tx: Transaction,
        booking: Booking,
        request: Request,
        network: NetworkFacts,
        remain: tuple[date, ...],
        now: datetime,
    ) -> Booking:
        """End the stay after the nights that remain, and start the turnover of the unit."""
        checkout = remain[-1] + timedelta(days=1)
        await drop_nights(tx, booking, checkout)
        today = network.calendar.local(now).date()
        due = network.calendar.instant(
            network.calendar.next_working_day(today), network.policy.turnover_due_at
        )
        await tx.add(
            Turnover(
                id=self._parts.ids.new(),
                unit_id=booking.unit_id,
                booking_id=booking.id,
                starts_at=now,
                due_at=due,
                key_code_must_change=request.kind in HIDING_KINDS,
            )
        )
        left = replace(
            booking, state=BookingState.CHECKED_OUT, checkout=checkout, ended_at=now, ask_arrival_at=None
        )
        await self._tell_owner(tx, left, "message.left", now, {"due": due.isoformat()})
        return left

    async def _reopen(
        self, tx: Transaction, request: Request, booking: Booking, by: str | None, now: datetime
    ) -> None:
        """A cancelled booking puts the request back with the desk; a no-show ends it when it was the only one."""
        live = [
            other
            for other in await tx.find(Booking, request_id=request.id)
            if other.id != booking.id and other.state in (BookingState.BOOKED, BookingState.CHECKED_IN)
        ]
        if live:
            return
        if by is None:
            await tx.save(replace(request, state=RequestState.WITHDRAWN, closed_at=now))
            return
        await tx.save(
            replace(
                request,
                state=RequestState.OPEN,
                closed_at=None,
                taken_by=by,
                next_step="bed",
                next_action_at=now + timedelta(minutes=15),
            )
        )

    async def _close_down(self, tx: Transaction, unit_id: str, problem: str, now: datetime) -> None:
        unit = await self._next_version(tx, unit_id)
        if not await tx.find(OutOfService, unit_id=unit.id, ended_at=None):
            await tx.add(OutOfService(self._parts.ids.new(), unit.id, now, problem))

    async def _next_version(self, tx: Transaction, unit_id: str) -> Unit:
        [unit] = await tx.lock(Unit, [unit_id])
        changed = replace(unit, version=unit.version + 1)
        await tx.save(changed)
        return changed

    async def _tell_owner(
        self,
        tx: Transaction,
        booking: Booking,
        key: str,
        now: datetime,
        more: dict[str, object] | None = None,
    ) -> None:
        unit = await tx.get(Unit, booking.unit_id)
        if unit is None:
            return
        facts: dict[str, object] = {
            "reference": booking.reference,
            "unit": unit.label,
            "checkout": booking.checkout.isoformat(),
            **(more or {}),
        }
        await tell(
            tx,
            self._parts.ids,
            booking.network_id,
            ("organisation", unit.owner_id),
            key,
            facts,
            ("booking", booking.id),
            f"{key}:{booking.id}:{booking.version}",
            now,
            urgent=True,
        )

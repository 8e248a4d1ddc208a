"""During a stay: arrival, trouble at the door, leaving, cancelling."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from crisispool.domain.arrival import cancellable_free, nights_after_leaving
from crisispool.domain.booking import LIVE_STATES, Booking, BookingState
from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import HIDING_KINDS, Request, RequestState
from crisispool.ports import OneOf, Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.booking_rows import answer_of, drop_nights, must_be_live
from crisispool.services.departures import overstay
from crisispool.services.duty import at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.second_units import pass_on
from crisispool.services.sight import as_seen, booking_of, is_past
from crisispool.services.unit_changes import next_version, ready_by, start_turnover, tell_owner
from crisispool.services.waiting import in_hand, untaken

ARRIVERS = (*DESK, Role.REFERRER, Role.SUPPORT_WORKER)
CANCELLERS = (*DESK, Role.REFERRER)
LEAVERS = (*DESK, Role.SUPPORT_WORKER, Role.UNIT_MANAGER)

ARRIVING = frozenset({"check_in", "still_on_the_way"})
"""What is said of an arrival."""

Change = Callable[[Transaction, Booking, Request, NetworkFacts], Awaitable[Booking]]


class Stays:
    """What happens to a booking after it was made. Policy: what counts, section 4; at the door, section 5."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def check_in(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """They are inside. Again changes nothing. Refusals: ``booking_over``."""
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

        return await self._change(actor, operation_id, "check_in", booking_id, ARRIVERS, change, now)

    async def still_on_the_way(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """Not there yet: the bed stays theirs, and the question comes back. Refusals: ``booking_over``."""
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            again = now + network.policy.ask_arrival_after[-1]
            return replace(booking, ask_arrival_at=None if booking.arrival_known else again)

        return await self._change(actor, operation_id, "still_on_the_way", booking_id, ARRIVERS, change, now)

    async def no_show(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """Someone said that they do not come: the unit is free again and no night counts.

        Refusals: ``booking_over``, ``already_inside``.
        """
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            if booking.arrival_known:
                raise Refusal("already_inside", {"reference": booking.reference})
            await pass_on(tx, self._parts.facts, booking, booking.night, network.calendar.night_of(now))
            await drop_nights(tx, booking, booking.night)
            await self._without_bed(tx, request, booking, network, None, now)
            await tell_owner(tx, self._parts.ids, booking, "message.no_show", now)
            return replace(booking, state=BookingState.NO_SHOW, ended_at=now, ask_arrival_at=None)

        return await self._change(actor, operation_id, "no_show", booking_id, CANCELLERS, change, now)

    async def cancel(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """The bed is not needed. Before 06:00 after the first night no night counts; later it counts as leaving.

        The request is open again. Refusals: ``booking_over``.
        """
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            if cancellable_free(booking, now, network.calendar):
                return await self._cancel(tx, actor, booking, request, network, now)
            if not actor.is_(*DESK):
                # A referrer gives a bed back, and does not end a stay.
                raise Refusal("already_inside", {"reference": booking.reference})
            return await self._leave(tx, booking, request, network, now)

        return await self._change(actor, operation_id, "cancel", booking_id, CANCELLERS, change, now)

    async def check_out(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """They left: the nights from today on are free, the unit is to be made ready. Refusals: ``booking_over``."""
        now = self._parts.now()

        async def change(
            tx: Transaction, booking: Booking, request: Request, network: NetworkFacts
        ) -> Booking:
            must_be_live(booking)
            if not actor.is_(*DESK, Role.SUPPORT_WORKER):
                # The landlord says that they left, not that they have to.
                _must_be_over(booking, network, now)
            if network.calendar.night_of(now) < booking.night:
                # Nobody can leave before the first night: then they do not come.
                return await self._cancel(tx, actor, booking, request, network, now)
            return await self._leave(tx, booking, request, network, now)

        return await self._change(actor, operation_id, "check_out", booking_id, LEAVERS, change, now)

    async def not_yet_left(self, actor: Actor, operation_id: str, booking_id: str) -> BookingAnswer:
        """The stay is over and they are still there: outreach and coordinator know at once, once a day.

        The unit stays booked. Refusals: ``booking_over``, ``booked_until`` (the stay is not over yet).
        """
        now = self._parts.now()

        async def change(tx: Transaction, booking: Booking, _: Request, network: NetworkFacts) -> Booking:
            must_be_live(booking)
            _must_be_over(booking, network, now)
            return await overstay(tx, self._parts, booking, network, now)

        return await self._change(actor, operation_id, "overstay", booking_id, LEAVERS, change, now)

    async def leave_uncleaned(
        self, tx: Transaction, booking: Booking, request: Request, network: NetworkFacts, now: datetime
    ) -> Booking:
        """Somebody said that they left: the unit is free and not cleaned. Where somebody hid it is made ready
        first, because the key code must change. The booking is answered, not saved."""
        hid = request.kind in HIDING_KINDS
        left = await self._leave(tx, booking, request, network, now, ready=not hid)
        return replace(left, ask_checkout_at=None)

    async def _change(
        self,
        actor: Actor,
        operation_id: str,
        name: str,
        booking_id: str,
        roles: tuple[Role, ...],
        change: Change,
        now: datetime,
    ) -> BookingAnswer:
        """One moment for all of it: by that the audit chain tells who ended a booking."""
        require(actor, *roles)
        parts = self._parts
        touched: set[str] = set()

        async def work(tx: Transaction) -> BookingAnswer:
            asker = await at_work(tx, actor, now, *roles)
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, asker, booking_id)
            [request] = await tx.lock(Request, [booking.request_id])
            network = await parts.facts.network(tx, booking.network_id)
            past = await is_past(tx, asker, booking, network, now)
            if past and name not in ARRIVING:
                raise Refusal("already_inside", {"reference": booking.reference})
            # Who asked for the bed may still say that they came, and is told the same when they left again.
            over = past and booking.state not in LIVE_STATES
            changed = booking if over else await change(tx, booking, request, network)
            if changed != booking:
                if changed.state not in LIVE_STATES:
                    changed = replace(changed, ask_checkout_at=None)
                await next_version(tx, booking.unit_id)
                changed = replace(changed, version=booking.version + 1)
                await tx.save(changed)
                await tx.audit(actor.colleague_id, f"booking.{name}", "booking", booking.id, now)
            touched.add(booking.unit_id)
            answer = answer_of(changed, await parts.facts.persons_of_booking(tx, booking.id))
            return await as_seen(tx, asker, changed, answer, network, now)

        answer = await parts.operations.once(operation_id, name, booking_id, now, BookingAnswer, work)
        await parts.view.refresh(touched, now)
        return answer

    async def _leave(
        self,
        tx: Transaction,
        booking: Booking,
        request: Request,
        network: NetworkFacts,
        now: datetime,
        *,
        ready: bool = False,
    ) -> Booking:
        """End the stay after the nights that remain, and start the turnover of the unit, unless it is `ready`
        to be given as it is, not cleaned."""
        checkout = booking.night + timedelta(days=len(nights_after_leaving(booking, now, network.calendar)))
        await pass_on(tx, self._parts.facts, booking, checkout, network.calendar.night_of(now))
        await drop_nights(tx, booking, checkout)
        left = replace(
            booking, state=BookingState.CHECKED_OUT, checkout=checkout, ended_at=now, ask_arrival_at=None
        )
        if ready:
            await next_version(tx, booking.unit_id, cleaned=False)
            await tell_owner(tx, self._parts.ids, left, "message.left_not_cleaned", now)
            return left
        due = ready_by(network, now)
        await start_turnover(
            tx,
            self._parts.ids,
            booking.unit_id,
            due,
            now,
            booking_id=booking.id,
            key_code_must_change=request.kind in HIDING_KINDS,
        )
        await tell_owner(tx, self._parts.ids, left, "message.left", now, {"due": due.isoformat()})
        return left

    async def _cancel(
        self,
        tx: Transaction,
        actor: Actor,
        booking: Booking,
        request: Request,
        network: NetworkFacts,
        now: datetime,
    ) -> Booking:
        """No night counts, the unit is free, the request waits for a bed again."""
        await pass_on(tx, self._parts.facts, booking, booking.night, network.calendar.night_of(now))
        await drop_nights(tx, booking, booking.night)
        await self._without_bed(tx, request, booking, network, actor, now)
        await tell_owner(tx, self._parts.ids, booking, "message.cancelled", now)
        return replace(booking, state=BookingState.CANCELLED, ended_at=now, ask_arrival_at=None)

    async def _without_bed(
        self,
        tx: Transaction,
        request: Request,
        booking: Booking,
        network: NetworkFacts,
        cancelled_by: Actor | None,
        now: datetime,
    ) -> None:
        """A cancelled booking puts the request back with the desk; a no-show ends it when it was the only one."""
        others = await tx.find(Booking, request_id=request.id, state=OneOf(tuple(LIVE_STATES)))
        if any(other.id != booking.id for other in others):
            return
        if cancelled_by is None:
            await tx.save(replace(request, state=RequestState.WITHDRAWN, closed_at=now))
            return
        request = replace(request, state=RequestState.OPEN, closed_at=None)
        if cancelled_by.is_(*DESK):
            await tx.save(in_hand(request, cancelled_by.colleague_id, network.policy, now))
        else:
            await tx.save(untaken(request, network, now))


def _must_be_over(booking: Booking, network: NetworkFacts, now: datetime) -> None:
    if network.calendar.local(now).date() < booking.checkout:
        # Never the unit: who asks may not know where people hide.
        raise Refusal("booked_until", {"earliest": booking.checkout.isoformat()})

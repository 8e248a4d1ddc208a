"""Weekend care: what the desk has to call about, and what it found."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.care import CareCall, CareResult, CareState, recorded
from crisispool.domain.errors import NotThere
from crisispool.domain.organisation import Actor
from crisispool.domain.request import Request
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.answers import CareAnswer
from crisispool.services.booking_rows import must_be_live
from crisispool.services.care_calls import CareCalls
from crisispool.services.duty import at_work
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.sight import booking_of
from crisispool.services.stays import Stays
from crisispool.services.unit_changes import next_version

LOOK_BACK = timedelta(days=7)
"""How long a call that is over is still shown."""


class Care:
    """The desk's side of weekend care. Policy: weekend care, section 5."""

    def __init__(self, parts: Parts, stays: Stays) -> None:
        self._parts = parts
        self._stays = stays
        self._calls = CareCalls(parts)

    async def list(self, actor: Actor, *, everything: bool = False) -> list[CareAnswer]:
        """The open calls, those that were asked again first; with `everything` also those of the last days."""
        require(actor, *DESK)
        async with self._parts.store.reading() as tx:
            await at_work(tx, actor, self._parts.now(), *DESK)
            network = await self._parts.facts.network(tx, actor.network_id)
            since = network.calendar.night_of(self._parts.now()) - LOOK_BACK
            where: dict[str, Any] = {} if everything else {"state": CareState.OPEN}
            order = ("-day", "-tries", "opened_at")
            rows = await tx.find(
                CareCall, network_id=actor.network_id, day=AtLeast(since), order=order, **where
            )
            bookings = {
                each.id: each
                for each in await tx.find(Booking, id=OneOf(tuple({row.booking_id for row in rows})))
            }
            return [
                await self._answer(tx, row, bookings[row.booking_id])
                for row in rows
                if everything or bookings[row.booking_id].state in LIVE_STATES
            ]

    async def record(
        self, actor: Actor, operation_id: str, booking_id: str, result: CareResult
    ) -> CareAnswer:
        """What the desk found today; a later word that day replaces an earlier one.

        Help: the coordinator on call is told at once. Left: the booking ends, the unit is free and not cleaned,
        or in turnover where somebody hid. Refusals: ``not_there`` (nobody is called today), ``booking_over``,
        ``not_on_duty``.
        """
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()
        touched: set[str] = set()

        async def work(tx: Transaction) -> CareAnswer:
            asker = await at_work(tx, actor, now, *DESK)
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, asker, booking_id)
            must_be_live(booking)
            network = await parts.facts.network(tx, booking.network_id)
            before = await _call_of(tx, booking, network.calendar.night_of(now))
            after = recorded(before, result, actor.colleague_id, now, network.calendar, network.policy)
            after = replace(after, version=before.version + 1)
            await tx.save(after)
            if result is CareResult.HELP:
                await self._calls.ask_for_help(tx, booking, after, now)
            elif result is CareResult.LEFT:
                booking = await self._leave(tx, booking, now)
                touched.add(booking.unit_id)
            elif after.state is CareState.NO_ANSWER:
                await self._calls.tell_who_asked(tx, network, booking, after, now)
            await tx.audit(actor.colleague_id, f"care.{result}", "care_call", after.id, now)
            return await self._answer(tx, after, booking)

        content = {"booking": booking_id, "answer": result}
        answer = await parts.operations.once(operation_id, "care", content, now, CareAnswer, work)
        await parts.view.refresh(touched, now)
        return answer

    async def _leave(self, tx: Transaction, booking: Booking, now: datetime) -> Booking:
        [request] = await tx.lock(Request, [booking.request_id])
        network = await self._parts.facts.network(tx, booking.network_id)
        left = await self._stays.leave_uncleaned(tx, booking, request, network, now)
        await next_version(tx, booking.unit_id)
        left = replace(left, version=booking.version + 1)
        await tx.save(left)
        return left

    async def _answer(self, tx: Transaction, call: CareCall, booking: Booking) -> CareAnswer:
        [request] = await tx.find(Request, id=booking.request_id)
        return CareAnswer(
            booking_id=booking.id,
            reference=booking.reference,
            day=call.day,
            state=call.state,
            adults=request.adults,
            children=request.children,
            tries=call.tries,
            next_step=call.next_step,
            next_action_at=call.next_action_at,
            answered_at=call.answered_at,
        )


async def _call_of(tx: Transaction, booking: Booking, day: date) -> CareCall:
    """The call of this day, locked. Raises NotThere."""
    found = await tx.find(CareCall, booking_id=booking.id, day=day)
    if not found:
        raise NotThere("care")
    [call] = await tx.lock(CareCall, [found[0].id])
    return call

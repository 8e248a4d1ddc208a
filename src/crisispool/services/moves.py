"""Trouble at the door: the same nights somewhere else, in one tap."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial

from crisispool.domain.arrival import inside
from crisispool.domain.booking import LIVE_STATES, Booking, BookingPerson, BookingState
from crisispool.domain.errors import BadInput, Conflict, NotThere, Refusal
from crisispool.domain.handover import Case
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import OutOfService, Unit
from crisispool.ports import OneOf, Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.availability import Availability
from crisispool.services.booking_news import tell_bed_closed, tell_moved
from crisispool.services.booking_rows import (
    answer_of,
    drop_nights,
    must_be_live,
    next_question,
    take_nights,
)
from crisispool.services.care_calls import calls_follow
from crisispool.services.duty import at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.holds import give
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.sight import as_seen, booking_of, is_past
from crisispool.services.unit_changes import change_key_if_hid, next_version, tell_owner

MOVERS = (*DESK, Role.REFERRER)

DOOR_PROBLEMS = frozenset({"key_fails", "not_in_order", "someone_inside"})
"""What may be wrong at the door."""


class Moves:
    """Moves to another unit. Policy: at the door, section 5."""

    def __init__(self, parts: Parts, availability: Availability) -> None:
        self._parts = parts
        self._availability = availability

    async def move(self, actor: Actor, operation_id: str, booking_id: str, problem: str) -> BookingAnswer:
        """Trouble at the door: the same nights in the next best unit, the first out of service until its owner
        looked. One case, one handover, no night counted twice.

        Refusals: ``booking_over``, ``no_unit`` (nothing else is free: call the coordinator), ``already_inside`` (who
        asked for the bed), ``not_on_duty``.
        """
        require(actor, *MOVERS)
        parts, now = self._parts, self._parts.now()
        content = [booking_id, problem]
        if problem not in DOOR_PROBLEMS:
            raise BadInput("problem", "unknown")
        async with parts.store.reading() as tx:
            asker = await at_work(tx, actor, now, *MOVERS)
            booking = await booking_of(tx, asker, booking_id)
            network = await parts.facts.network(tx, booking.network_id)
            persons = await self._persons_inside(tx, booking)
            past = await is_past(tx, asker, booking, network, now)
        kept = await parts.operations.replay(operation_id, "move", content, BookingAnswer)
        if kept is not None:
            return kept
        if past:
            raise _already_inside(booking)
        must_be_live(booking)
        nights = _left(booking, network, now)
        found = await self._availability.for_request(booking.network_id, booking.request_id, nights, persons)
        others = [each.unit_id for each in found if each.with_unit_id is None]
        for unit_id in others:
            if unit_id != booking.unit_id:
                work = partial(self._to, unit_id, booking, problem, asker, network, now)
                try:
                    return await parts.operations.once(
                        operation_id, "move", content, now, BookingAnswer, work
                    )
                except (Conflict, UnitGone):
                    # Someone else was first: there is a next one.
                    continue
                finally:
                    await parts.view.refresh([booking.unit_id, unit_id], now)
        raise Refusal("no_unit", {"reference": booking.reference})

    async def _to(
        self,
        unit_id: str,
        seen: Booking,
        problem: str,
        actor: Actor,
        network: NetworkFacts,
        now: datetime,
        tx: Transaction,
    ) -> BookingAnswer:
        """Move to this unit. Raises UnitGone when it is not free any more."""
        parts = self._parts
        await tx.lock(Booking, [seen.id])
        old = await booking_of(tx, actor, seen.id)
        if await is_past(tx, actor, old, network, now):
            raise _already_inside(old)
        must_be_live(old)
        # A check-out of the other unit of a household hands its people on under this lock.
        [request] = await tx.lock(Request, [old.request_id])
        case = await tx.get(Case, old.case_id)
        if case is None:
            raise NotThere("booking")
        persons = await parts.facts.persons_of_booking(tx, old.id)
        nights = _left(old, network, now)
        await tx.lock(Unit, [old.unit_id, unit_id])
        await self._close_down(tx, old, problem, now)
        if inside(old, now, network.calendar):
            await change_key_if_hid(tx, parts.ids, old, network, now)
        first = nights[0]
        await drop_nights(tx, old, first)
        ended = replace(old, ended_at=now, ask_arrival_at=None, ask_checkout_at=None, version=old.version + 1)
        await tx.save(
            replace(ended, state=BookingState.CHECKED_OUT, checkout=first)
            if first > old.night
            else replace(ended, state=BookingState.CANCELLED)
        )
        try:
            await give(tx, parts, network, request, unit_id, nights, now)
        except Refusal as no:
            raise UnitGone from no
        new = replace(
            old,
            id=parts.ids.new(),
            unit_id=unit_id,
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
        new = replace(new, ask_arrival_at=next_question(new, None, network))
        await tx.add(new)
        await tx.add(*(BookingPerson(new.id, person.id) for person in persons))
        await take_nights(tx, new, persons, nights)
        await calls_follow(tx, old, new, network.calendar.night_of(now))
        await tell_owner(tx, parts.ids, old, "message.unit_out_of_service", now, {"problem": problem})
        await tell_owner(tx, parts.ids, new, "message.booking_moved", now)
        await tell_moved(tx, parts.ids, case, new, now)
        await tx.audit(
            actor.colleague_id,
            "booking.moved",
            "booking",
            new.id,
            now,
            {"from": old.id, "problem": problem},
        )
        return await as_seen(tx, actor, new, answer_of(new, persons), network, now)

    async def _persons_inside(self, tx: Transaction, booking: Booking) -> int | None:
        """How many must fit in the next unit: all of the request, or what the first of several units holds."""
        others = await tx.find(Booking, request_id=booking.request_id, state=OneOf(tuple(LIVE_STATES)))
        request, unit = await tx.get(Request, booking.request_id), await tx.get(Unit, booking.unit_id)
        if request is None or unit is None or len(others) < 2:
            return None
        return min(unit.places, request.adults + request.children)

    async def _close_down(self, tx: Transaction, old: Booking, problem: str, now: datetime) -> None:
        """The unit is out of service; who is to come there later hears it through the desk."""
        ids = self._parts.ids
        unit = await next_version(tx, old.unit_id)
        if await tx.find(OutOfService, unit_id=unit.id, ended_at=None):
            return
        await tx.add(OutOfService(ids.new(), unit.id, now, problem))
        for booking in await tx.find(Booking, unit_id=unit.id, state=OneOf(tuple(LIVE_STATES))):
            if booking.id != old.id:
                await tell_bed_closed(tx, ids, booking, f"bed_closed:{booking.id}:{old.id}", now)


class UnitGone(Exception):
    """The unit is not free any more."""


def _already_inside(booking: Booking) -> Refusal:
    """Once they are inside, trouble goes through the desk: a move would show a referrer where they are."""
    return Refusal("already_inside", {"reference": booking.reference})


def _left(booking: Booking, network: NetworkFacts, now: datetime) -> list[date]:
    """The nights that are still to come, tonight's included. Refusal ``booking_over`` when there are none."""
    first = max(booking.night, network.calendar.night_of(now))
    nights = [night for night in booking.nights if night >= first]
    if not nights:
        raise Refusal("booking_over", {"reference": booking.reference, "state": booking.state})
    return nights

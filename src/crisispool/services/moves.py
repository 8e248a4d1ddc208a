"""Trouble at the door: the same nights somewhere else, in one tap."""

from dataclasses import replace
from datetime import datetime, timedelta

from crisispool.domain.arrival import ask_arrival_at
from crisispool.domain.booking import Booking, BookingPerson, BookingState
from crisispool.domain.errors import Conflict, NotThere, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request
from crisispool.domain.unit import OutOfService
from crisispool.ports import Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.availability import Availability
from crisispool.services.booking_rows import answer_of, drop_nights, must_be_live, take_nights
from crisispool.services.holds import give
from crisispool.services.intake import DESK
from crisispool.services.parts import Parts, require
from crisispool.services.sight import booking_of
from crisispool.services.unit_changes import next_version, tell_owner

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
            await tell_owner(
                tx, self._parts.ids, old, "message.unit_out_of_service", now, {"problem": problem}
            )
            await tell_owner(tx, self._parts.ids, new, "message.booking_moved", now)
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

    async def _close_down(self, tx: Transaction, unit_id: str, problem: str, now: datetime) -> None:
        unit = await next_version(tx, unit_id)
        if not await tx.find(OutOfService, unit_id=unit.id, ended_at=None):
            await tx.add(OutOfService(self._parts.ids.new(), unit.id, now, problem))

"""Whether the night desk may give people who are here another block: outreach says no, with a reason."""

from dataclasses import replace

from crisispool.domain.booking import Booking, PersonNight
from crisispool.domain.errors import Refusal
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import RequestNote
from crisispool.domain.secret import Secret
from crisispool.domain.stay import runs
from crisispool.ports import OneOf, Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.asks import ReadmissionAsk
from crisispool.services.booking_rows import answer_of
from crisispool.services.parts import Parts, require
from crisispool.services.sight import as_seen, booking_of

DECIDERS = (Role.SUPPORT_WORKER, Role.COORDINATOR)


class Readmissions:
    """Policy: who decides, section 4. A refusal holds for the whole run that the booking is part of."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def decide(
        self, actor: Actor, operation_id: str, booking_id: str, ask: ReadmissionAsk
    ) -> BookingAnswer:
        """No readmission at night, or allowed after all. Refusals: ``reason_missing``, ``not_there``."""
        require(actor, *DECIDERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> BookingAnswer:
            await tx.lock(Booking, [booking_id])
            booking = await booking_of(tx, actor, booking_id)
            reason = ask.reason.strip()
            if not ask.allowed and not reason:
                raise Refusal("reason_missing")
            if ask.allowed:
                await self._allow(tx, booking)
            elif not booking.readmission_refused:
                await tx.save(replace(booking, readmission_refused=True, version=booking.version + 1))
            booking = await tx.get(Booking, booking_id) or booking
            if reason:
                note = (booking.request_id, "readmission", Secret(reason), actor.colleague_id, now)
                await tx.add(RequestNote(parts.ids.new(), *note))
            action = "booking.readmission_allowed" if ask.allowed else "booking.readmission_refused"
            await tx.audit(actor.colleague_id, action, "booking", booking.id, now)
            network = await parts.facts.network(tx, booking.network_id)
            answer = answer_of(booking, await parts.facts.persons_of_booking(tx, booking.id))
            return await as_seen(tx, actor, booking, answer, network, now)

        content = {"booking": booking_id, "allowed": ask.allowed, "reason": ask.reason}
        return await parts.operations.once(operation_id, "readmission", content, now, BookingAnswer, work)

    async def _allow(self, tx: Transaction, booking: Booking) -> None:
        """What was refused for one booking of a run was refused for the run, and so it is allowed again."""
        persons = await self._parts.facts.persons_of_booking(tx, booking.id)
        known = OneOf(tuple({person.canonical_id for person in persons}))
        references = OneOf(tuple(each.id for each in await tx.find(Person, canonical_id=known)))
        nights = await tx.find(PersonNight, person_id=references)
        near = [run for run in runs([row.night for row in nights]) if not set(run).isdisjoint(booking.nights)]
        ids = {row.booking_id for row in nights for run in near if row.night in run} | {booking.id}
        for other in await tx.lock(Booking, sorted(ids)):
            if other.readmission_refused:
                await tx.save(replace(other, readmission_refused=False, version=other.version + 1))

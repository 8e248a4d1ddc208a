"""Bookings that stood on paper, entered afterwards: request, check-up, bed and morning at the moment they happened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.calendar import DAY
from crisispool.domain.errors import BadInput, Conflict, Refusal
from crisispool.domain.on_paper import REFERENCES, PaperBooking, night_on_paper, slept_before
from crisispool.domain.organisation import Actor, Colleague, PolicyVersion
from crisispool.domain.request import (
    Request,
    RequestState,
)
from crisispool.domain.unit import Unit
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services import stay_desk
from crisispool.services.asks import PersonAsk, RequestAsk
from crisispool.services.booking_news import tell_booked
from crisispool.services.booking_rows import add_booking, case_of
from crisispool.services.duty import at_work, is_on_duty
from crisispool.services.facts import POLICY, NetworkFacts
from crisispool.services.handover_rows import HandoverRows
from crisispool.services.holds import check_nights, give
from crisispool.services.intake import DESK, check_places, referrer_of
from crisispool.services.on_paper_form import PaperForm, paper_form
from crisispool.services.on_paper_rows import (
    PaperAsk,
    as_it_is_now,
    keep_check_up,
    make_ready,
    may_be_inside,
    must_be_others,
    said_otherwise,
)
from crisispool.services.parts import Parts, require
from crisispool.services.persons import Persons


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """A line that was entered: its reference on paper, and the booking that it is now. `by`: the label of who entered
    it; never the unit, because people may hide there."""

    paper: str
    reference: str
    night: date
    checkout: date
    happened_at: datetime
    entered_at: datetime
    by: str


class OnPaper:
    """Lines of the form on the night list become bookings. Nothing that is there gives way to them."""

    def __init__(self, parts: Parts, persons: Persons, rows: HandoverRows) -> None:
        self._parts = parts
        self._persons = persons
        self._rows = rows

    async def form(self, actor: Actor) -> PaperForm:
        """What can be chosen."""
        return await paper_form(self._parts, actor)

    async def entered(self, actor: Actor) -> list[PaperAnswer]:
        """The lines of the last days that were entered, the newest first."""
        require(actor, *DESK)
        async with self._parts.store.reading() as tx:
            found = await tx.find(
                PaperBooking, network_id=actor.network_id, order=("-night", "reference"), limit=50
            )
            return await self._answers(tx, found)

    async def enter(self, actor: Actor, operation_id: str, ask: PaperAsk) -> PaperAnswer:
        """Make the booking of one line, at its own moment and by the rules of that moment; what fell due meanwhile is
        done at once, what nobody can answer any more is not asked.

        Refusals: ``paper_entered``, ``paper_alike``, ``paper_unit_booked``, ``paper_unit_turnover``,
        ``unit_<NotGiven>``, ``unit_avoided``, ``stay_limit``, ``stay_not_yours``, ``already_used``,
        ``landing_refused``, ``reason_missing``, ``not_on_duty``. BadInput ``happened_at``, ``paper``, ``nights``,
        ``origin``, ``referrer``, ``left_on``.
        """
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()
        if ask.paper not in REFERENCES:
            raise BadInput("paper", "not_a_choice")
        check_nights(ask.nights)

        async def work(tx: Transaction) -> PaperAnswer:
            asker = await _at_it(tx, actor, ask.happened_at, now)
            return await self._enter(tx, asker, ask, now)

        try:
            return await parts.operations.once(operation_id, "on_paper", ask, now, PaperAnswer, work)
        except Conflict as lost:
            # Somebody else entered a line, or gave the bed, in the same moment.
            code = "paper_unit_booked" if lost.table == "unit_nights" else "lost_race"
            raise Refusal(code) from None
        finally:
            await parts.view.refresh({ask.unit_id}, now)

    async def _enter(self, tx: Transaction, actor: Actor, ask: PaperAsk, now: datetime) -> PaperAnswer:
        parts, then = self._parts, ask.happened_at
        network = await self._network_then(tx, actor.network_id, then)
        night = night_on_paper(then, now, network.calendar)
        today = network.calendar.local(now).date()
        if ask.left_on is not None and not night < ask.left_on <= today:
            raise BadInput("left_on", "left_then" if ask.left_on <= night else "in_the_future")
        await self._must_be_new(tx, actor, ask, night)
        request = await self._request(tx, actor, ask, network, night)
        if not ask.other_people:
            await must_be_others(tx, request, network)
        await tx.add(request)
        earlier = slept_before(night, ask.slept_before)
        told = (PersonAsk(claimed_nights=earlier),) if earlier else ()
        registered = await self._persons.register(tx, request, told, then)
        await keep_check_up(tx, parts, actor, request, ask, network)
        persons = await stay_desk.lock_persons(tx, registered)
        stay = await stay_desk.grant(
            tx, parts, network, actor, request, persons, night, ask.nights, ask.override, then
        )
        if ask.left_on is not None:
            stay = stay.left_on(ask.left_on)
        unit = await self._unit(tx, network, request, ask, list(stay.nights), now)
        case = await case_of(tx, parts.ids, request, network, night, then)
        booking = await add_booking(tx, parts.ids, actor, request, case, unit, persons, stay, network, then)
        await stay_desk.keep(tx, parts, network, actor, request, booking, stay, ask.override, then)
        if booking.checkout > today and ask.left_on is None:
            await tell_booked(tx, parts.ids, request, booking, unit, stay, now)
        booking = await as_it_is_now(tx, booking, ask, network, now)
        if ask.left_on is not None:
            await make_ready(tx, parts, booking, unit, request, ask.left_on, network, now)
        paper = PaperBooking(
            parts.ids.new(), actor.network_id, night, ask.paper, booking.id, then, now, actor.colleague_id
        )
        await tx.add(paper)
        details = {
            "paper": ask.paper,
            "happened_at": then.isoformat(),
            "entered_at": now.isoformat(),
            "unit": unit.id,
            "nights": len(stay.nights),
            "overridden": stay.overridden,
        }
        await tx.audit(actor.colleague_id, "booking.on_paper", "booking", booking.id, now, details)
        if case.handover_due_at <= now:
            await self._rows.hand_over_late(tx, case, now, tell_owners=booking.checkout >= today)
        [answer] = await self._answers(tx, [paper])
        return answer

    async def _network_then(self, tx: Transaction, network_id: str, then: datetime) -> NetworkFacts:
        """The network with the settings that held at that moment."""
        network = await self._parts.facts.network(tx, network_id)
        found = await tx.find(
            PolicyVersion, network_id=network_id, loaded_at=AtMost(then), order=("-version",), limit=1
        )
        if not found:
            return network
        held = POLICY.validate_python({**found[0].settings, "version": found[0].version})
        return replace(network, policy=held)

    async def _must_be_new(self, tx: Transaction, actor: Actor, ask: PaperAsk, night: date) -> None:
        known = await tx.find(PaperBooking, network_id=actor.network_id, night=night, reference=ask.paper)
        for paper in list(known):
            booking = await tx.get(Booking, paper.booking_id)
            if booking is not None and booking.state in (BookingState.CANCELLED, BookingState.NO_SHOW):
                # It was entered wrong and taken back; the audit chain knows that it stood here.
                await tx.remove(paper)
                known.remove(paper)
        for answer in await self._answers(tx, known):
            facts = {"paper": ask.paper, "reference": answer.reference, "by": answer.by}
            raise Refusal("paper_entered", {**facts, "night": night.isoformat()})

    async def _request(
        self, tx: Transaction, actor: Actor, ask: PaperAsk, network: NetworkFacts, night: date
    ) -> Request:
        asked = RequestAsk(
            ask.kind, ask.adults, ask.children, origin=ask.origin, referrer=ask.referrer, whereabouts=None
        )
        check_places(asked, network)
        kind, organisation_id = await referrer_of(tx, actor, asked)
        then = ask.happened_at
        return Request(
            id=self._parts.ids.new(),
            network_id=actor.network_id,
            reference=self._parts.ids.reference("R"),
            kind=ask.kind,
            adults=ask.adults,
            children=ask.children,
            ages=(),
            origin=ask.origin,
            whereabouts=None,
            needs=(),
            avoid=(),
            referrer_kind=kind,
            referrer_organisation_id=organisation_id,
            created_by=actor.colleague_id,
            created_at=then,
            night=night,
            state=RequestState.BOOKED,
            contact_consent=False if ask.contact_declined else None,
            taken_by=actor.colleague_id,
            taken_at=then,
            closed_at=then,
        )

    async def _unit(
        self,
        tx: Transaction,
        network: NetworkFacts,
        request: Request,
        ask: PaperAsk,
        nights: list[date],
        now: datetime,
    ) -> Unit:
        """The unit of the line, as far as nobody else has it by now."""
        try:
            unit = await give(
                tx, self._parts, network, request, ask.unit_id, nights, now, given_at=ask.happened_at
            )
        except Refusal as no:
            raise said_otherwise(no) from None
        if ask.left_on is None:
            await may_be_inside(tx, self._parts, network, unit.id, nights[-1] + DAY, now)
        return unit

    async def _answers(self, tx: Transaction, found: Sequence[PaperBooking]) -> list[PaperAnswer]:
        ids = OneOf(tuple(each.booking_id for each in found))
        bookings = {each.id: each for each in await tx.find(Booking, id=ids)}
        people = OneOf(tuple({each.by for each in found}))
        labels = {each.id: each.label for each in await tx.find(Colleague, id=people)}
        return [
            PaperAnswer(
                paper=each.reference,
                reference=bookings[each.booking_id].reference,
                night=each.night,
                checkout=bookings[each.booking_id].checkout,
                happened_at=each.happened_at,
                entered_at=each.entered_at,
                by=labels.get(each.by, ""),
            )
            for each in found
        ]


async def _at_it(tx: Transaction, actor: Actor, then: datetime, now: datetime) -> Actor:
    """Who takes calls enters what stands on paper on duty, or afterwards when they were on duty at that moment."""
    if await is_on_duty(tx, actor, then):
        return actor
    return await at_work(tx, actor, now, *DESK)

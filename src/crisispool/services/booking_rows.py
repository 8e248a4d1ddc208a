"""The rows of a booking: its case, itself, the nights it takes; and the answer about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from crisispool.domain.arrival import ask_arrival_at
from crisispool.domain.booking import (
    LIVE_STATES,
    Booking,
    BookingPerson,
    BookingState,
    PersonNight,
    UnitNight,
)
from crisispool.domain.duty import network_time
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case, Handover, HandoverState, handover_due
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from crisispool.ports import Ids, Transaction
from crisispool.services.answers import BookingAnswer
from crisispool.services.departures import ask_checkout_at
from crisispool.services.facts import NetworkFacts
from crisispool.services.stay_desk import Stay

COUNTING_STATES = LIVE_STATES | {BookingState.CHECKED_OUT}
"""States of a booking whose nights count."""


async def case_of(
    tx: Transaction, ids: Ids, request: Request, network: NetworkFacts, first: date, now: datetime
) -> Case:
    """The case of a request: made with its first booking, the same one for every other."""
    found = await tx.find(Case, request_id=request.id)
    if found:
        if await tx.find(Handover, case_id=found[0].id, state=HandoverState.CLOSED):
            # Nobody would hear of it any more: who needs a bed again is a new request, with a handover of its own.
            raise Refusal("request_closed", {"request": request.reference, "state": request.state})
        return await anew(tx, found[0], network, first)
    earlier = request.previous_request_id
    previous = await tx.find(Case, request_id=earlier) if earlier else []
    case = Case(
        id=ids.new(),
        network_id=request.network_id,
        request_id=request.id,
        reference=ids.reference(network.network.reference_prefix),
        night=first,
        handover_due_at=handover_due(first, network.calendar, network.policy),
        admitted=True,
        opened_at=now,
        contact_consent=request.contact_consent is not False,
        previous_case_id=previous[0].id if previous else None,
    )
    await tx.add(case)
    return case


async def anew(
    tx: Transaction, case: Case, network: NetworkFacts, first: date, *, admitted: bool = True
) -> Case:
    """A known case goes on. As long as nobody slept under it and it was not handed over, it begins at `first`."""
    [case] = await tx.lock(Case, [case.id])
    begun = replace(case, admitted=admitted, closed_at=None)
    counting = [b for b in await tx.find(Booking, case_id=case.id) if b.state in COUNTING_STATES]
    if not counting and not await tx.find(Handover, case_id=case.id):
        due = handover_due(first, network.calendar, network.policy)
        begun = replace(begun, night=first, handover_due_at=due, handed_over_at=None)
    if begun != case:
        await tx.save(begun)
    return begun


async def add_booking(
    tx: Transaction,
    ids: Ids,
    actor: Actor,
    request: Request,
    case: Case,
    unit: Unit,
    persons: Sequence[Person],
    stay: Stay,
    network: NetworkFacts,
    now: datetime,
) -> Booking:
    """A booking with its people and its nights. The first one of a case carries the case's reference."""
    first = not await tx.find(Booking, case_id=case.id, limit=1)
    booking = Booking(
        id=ids.new(),
        network_id=request.network_id,
        case_id=case.id,
        request_id=request.id,
        unit_id=unit.id,
        reference=case.reference if first else ids.reference(network.network.reference_prefix),
        night=stay.nights[0],
        checkout=stay.nights[-1] + timedelta(days=1),
        state=BookingState.BOOKED,
        policy_version=network.policy.version,
        by=actor.colleague_id,
        at=now,
        overridden=stay.overridden,
    )
    booking = replace(
        booking,
        ask_arrival_at=next_question(booking, request.expected_at, network),
        ask_checkout_at=ask_checkout_at(booking.checkout, network),
    )
    await tx.add(booking)
    await tx.add(*(BookingPerson(booking.id, person.id) for person in persons))
    await take_nights(tx, booking, persons, stay.nights)
    return booking


def next_question(booking: Booking, expected_at: datetime | None, network: NetworkFacts) -> datetime | None:
    """When to ask whether they are inside: nobody is expected before the first night begins."""
    begins, _ = network_time(booking.night, network.calendar)
    return ask_arrival_at(booking, max(expected_at or begins, begins), network.policy)


async def take_nights(
    tx: Transaction, booking: Booking, persons: Sequence[Person], nights: Sequence[date]
) -> None:
    """The rows that make a double booking, and a person in two beds, impossible."""
    await tx.add(*(UnitNight(booking.unit_id, night, None, booking.id) for night in nights))
    await tx.add(*(PersonNight(person.id, night, booking.id) for person in persons for night in nights))


async def drop_nights(tx: Transaction, booking: Booking, first: date) -> None:
    """Give the nights of a booking back from the label `first` on: they count for nobody any more."""
    unit_nights = await tx.find(UnitNight, booking_id=booking.id)
    person_nights = await tx.find(PersonNight, booking_id=booking.id)
    await tx.remove(*(row for row in unit_nights if row.night >= first))
    await tx.remove(*(row for row in person_nights if row.night >= first))


def must_be_live(booking: Booking) -> None:
    """Raise Refusal ``booking_over`` when the booking has ended."""
    if booking.state not in LIVE_STATES:
        raise Refusal("booking_over", {"reference": booking.reference, "state": booking.state})


def answer_of(booking: Booking, persons: Sequence[Person], stay: Stay | None = None) -> BookingAnswer:
    """What is said of a booking; right after it was given also the sentence, the signals and the split."""
    return BookingAnswer(
        id=booking.id,
        reference=booking.reference,
        case_id=booking.case_id,
        request_id=booking.request_id,
        unit_id=booking.unit_id,
        nights=booking.nights,
        checkout=booking.checkout,
        state=booking.state,
        persons=tuple(person.id for person in persons),
        arrival_known=booking.arrival_known,
        overridden=booking.overridden,
        sentence=stay.sentence if stay else (),
        signals=stay.signals if stay else (),
        split=stay.split if stay else (),
    )

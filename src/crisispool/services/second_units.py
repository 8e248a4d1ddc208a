"""A household over two units: its people are on record in the first, and go on in the second."""

from datetime import date

from crisispool.domain.booking import LIVE_STATES, Booking, BookingPerson, PersonNight
from crisispool.ports import OneOf, Transaction
from crisispool.services.care_calls import calls_follow
from crisispool.services.facts import Facts
from crisispool.services.stay_desk import lock_persons


async def pass_on(tx: Transaction, facts: Facts, booking: Booking, first: date, tonight: date) -> None:
    """The people of a booking that ends go on in the second unit of their household, when it has one.

    Who has a bed elsewhere already on one of those nights keeps that one.
    """
    persons = await lock_persons(tx, await facts.persons_of_booking(tx, booking.id))
    beside = await tx.find(
        Booking, request_id=booking.request_id, state=OneOf(tuple(LIVE_STATES)), order=("id",)
    )
    for other in beside:
        if other.id == booking.id or await tx.find(BookingPerson, booking_id=other.id, limit=1):
            continue
        rows = await tx.find(PersonNight, booking_id=booking.id)
        await tx.remove(*(row for row in rows if row.night >= first))
        elsewhere = await tx.find(PersonNight, person_id=OneOf(tuple(person.id for person in persons)))
        taken = {(row.person_id, row.night) for row in elsewhere}
        nights = [night for night in other.nights if night >= first]
        await tx.add(*(BookingPerson(other.id, person.id) for person in persons))
        await tx.add(
            *(
                PersonNight(person.id, night, other.id)
                for person in persons
                for night in nights
                if (person.id, night) not in taken
            )
        )
        await calls_follow(tx, booking, other, tonight)
        return

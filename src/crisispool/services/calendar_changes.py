"""What a change of the calendar means for what is planned already: nothing that was given is taken back."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crisispool.domain.booking import LIVE_STATES, AlertCause, Booking, PersonNight
from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.handover import (
    Case,
    Handover,
    HandoverRecipient,
    OutreachService,
    first_open_day,
    handover_due,
)
from crisispool.domain.household import Person
from crisispool.domain.organisation import ClosingDay, Role
from crisispool.domain.stay import LONGEST_RUN
from crisispool.ports import AtLeast, Ids, OneOf, Transaction
from crisispool.services.facts import Facts, NetworkFacts
from crisispool.services.messages import tell_role
from crisispool.services.rounds import list_again, retime
from crisispool.services.stay_alerts import judge_again

AROUND = timedelta(days=8)
"""Runs that a day can change: nobody is given more than seven nights in a row."""


@dataclass(frozen=True, slots=True)
class Replanned:
    """Ids of what is different now: cases that go over on another day, bookings that end on a closed day,
    bookings beyond the limit."""

    cases: tuple[str, ...] = ()
    landings: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()


async def replan(
    tx: Transaction, facts: Facts, ids: Ids, network_id: str, days: Collection[date], now: datetime
) -> Replanned:
    """Bring everything in step with a calendar in which these days changed. Running it again changes nothing."""
    network = await facts.network(tx, network_id)
    cases = await _move_handovers(tx, network)
    await _move_deliveries(tx, network, days)
    landings = await _tell_of_landings(tx, ids, network, days, now)
    alerts = await _judge_again(tx, ids, network, days, now)
    await list_again(tx, network, days, now)
    await retime(tx, network_id, now)
    return Replanned(cases, landings, alerts)


def long_blocks(calendar: NetworkCalendar, days: Collection[date]) -> tuple[date, ...]:
    """Nights of which the first block is longer than the five nights that are given, because of these days."""
    nights = {day - DAY * n for day in days for n in range(1, 15)}
    return tuple(
        night
        for night in sorted(nights)
        if len(block := calendar.block(night)) > LONGEST_RUN and any(day - DAY in block for day in days)
    )


async def _move_handovers(tx: Transaction, network: NetworkFacts) -> tuple[str, ...]:
    """A case is handed over on a working day, also when that was another day when it was opened."""
    moved = []
    waiting = await tx.find(
        Case, network_id=network.network.id, handed_over_at=None, closed_at=None, order=("id",)
    )
    for case in await tx.lock(Case, [each.id for each in waiting]):
        due = handover_due(case.night, network.calendar, network.policy)
        if case.handed_over_at is None and case.closed_at is None and case.handover_due_at != due:
            await tx.save(replace(case, handover_due_at=due))
            moved.append(case.id)
    return tuple(moved)


async def _move_deliveries(tx: Transaction, network: NetworkFacts, days: Collection[date]) -> None:
    """A service that is closed gets a handover on its first open day."""
    handovers = {
        row.id: row for row in await tx.find(Handover, network_id=network.network.id, closed_at=None)
    }
    waiting = await tx.find(HandoverRecipient, handover_id=OneOf(tuple(handovers)), delivered_at=None)
    for recipient in await tx.lock(HandoverRecipient, [each.id for each in waiting]):
        due_on = network.calendar.local(handovers[recipient.handover_id].due_at).date()
        if recipient.delivered_at is not None or not _between(days, due_on, recipient.deliver_on):
            continue
        closed = await tx.find(
            ClosingDay, network_id=network.network.id, organisation_id=recipient.organisation_id
        )
        service = OutreachService(recipient.organisation_id, frozenset(row.day for row in closed))
        day = first_open_day(service, due_on, network.calendar)
        at = network.calendar.instant(day, network.policy.handover_at)
        if day != recipient.deliver_on:
            await tx.save(replace(recipient, deliver_on=day, deliver_at=at))


async def _tell_of_landings(
    tx: Transaction, ids: Ids, network: NetworkFacts, days: Collection[date], now: datetime
) -> tuple[str, ...]:
    """A stay that now ends on a morning when nobody works: the coordinators find somebody who meets them."""
    closed = OneOf(tuple(day for day in days if not network.calendar.is_working_day(day)))
    rows = await tx.find(ClosingDay, network_id=network.network.id, organisation_id=None)
    # A day that is closed anew is told anew.
    entered = {row.day: row.id for row in rows}
    states = OneOf(tuple(LIVE_STATES))
    found = await tx.find(
        Booking, network_id=network.network.id, state=states, checkout=closed, order=("checkout",)
    )
    for booking in found:
        await tell_role(
            tx,
            ids,
            booking.network_id,
            Role.COORDINATOR,
            "message.landing_closed",
            {"reference": booking.reference, "checkout": booking.checkout.isoformat()},
            ("booking", booking.id),
            f"landing_closed:{booking.id}:{entered.get(booking.checkout, booking.checkout)}",
            now,
        )
    return tuple(booking.id for booking in found)


async def _judge_again(
    tx: Transaction, ids: Ids, network: NetworkFacts, days: Collection[date], now: datetime
) -> tuple[str, ...]:
    """The runs around these days, judged by the calendar as it is now."""
    if not days:
        return ()
    rows = await tx.find(PersonNight, night=AtLeast(min(days) - AROUND))
    near = OneOf(tuple({row.person_id for row in rows if row.night <= max(days) + AROUND}))
    persons = await tx.find(Person, id=near, network_id=network.network.id)
    people = sorted({person.canonical_id for person in persons})
    await tx.lock(Person, people)
    alerted = await judge_again(tx, ids, network, people, AlertCause.CALENDAR, now)
    return tuple(booking.id for booking in alerted)


def _between(days: Collection[date], first: date, last: date) -> bool:
    return any(first <= day <= last for day in days)

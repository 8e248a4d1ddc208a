"""What must hold of units: a running hold or stay and the owner's own use never meet; what is over is given back."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from crisispool.domain.booking import LIVE_STATES, Booking, Hold
from crisispool.domain.unit import OutOfService, Placement
from crisispool.ports import OneOf, Transaction
from crisispool.services.broken import Broken
from crisispool.services.moves import DOOR_PROBLEMS

LATE = timedelta(minutes=5)
"""How far the due work may lag behind before it is an alarm."""


async def unit_rules(tx: Transaction, now: datetime) -> list[Broken]:
    """``owner_in_the_way`` and ``hold_lapsed``. Policy: status, section 6."""
    bookings = await tx.find(Booking, state=OneOf(tuple(LIVE_STATES)))
    holds = await tx.find(Hold, ended_at=None)
    running = [hold for hold in holds if hold.until > now]
    return [
        *_in_the_way(await tx.find(Placement, ended_at=None), bookings, running),
        *_closed(await tx.find(OutOfService, ended_at=None), bookings),
        *(Broken("hold_lapsed", hold.id) for hold in holds if hold.until + LATE < now),
    ]


def _in_the_way(
    placements: Sequence[Placement], bookings: Sequence[Booking], holds: Sequence[Hold]
) -> Iterator[Broken]:
    taken: dict[str, set[date]] = defaultdict(set)
    for booking in bookings:
        taken[booking.unit_id].update(booking.nights)
    for hold in holds:
        taken[hold.unit_id].update(hold.night + timedelta(days=n) for n in range(hold.nights))
    for placement in placements:
        until = placement.until or date.max
        if any(placement.starts_on <= night < until for night in taken[placement.unit_id]):
            yield Broken("owner_in_the_way", placement.unit_id)


def _closed(closed: Sequence[OutOfService], bookings: Sequence[Booking]) -> Iterator[Broken]:
    inside = {booking.unit_id for booking in bookings}
    for row in closed:
        # Trouble at a door closes a unit at once, also when others are to come there later: who booked for them
        # and the coordinators were told then, and a stay keeps its bed until somebody finds another.
        if row.unit_id in inside and row.reason not in DOOR_PROBLEMS:
            yield Broken("owner_in_the_way", row.unit_id)

"""What an owner's talk shows of the own units besides their status: who is there, and what the owner is asked."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from crisispool.domain.booking import LIVE_STATES, Booking, Hold
from crisispool.domain.unit import Turnover
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.answers import UnitAnswer
from crisispool.services.parts import Parts


async def own_units(tx: Transaction, parts: Parts, units: Sequence[UnitAnswer]) -> list[dict[str, Any]]:
    """Each unit as plain JSON, with `booking` (id, reference, night, checkout of who is there or comes next),
    `hold_id` of a hold that waits for the owner's word, and whether the `key_code` must change first."""
    ids = OneOf(tuple(unit.id for unit in units))
    live = await tx.find(Booking, unit_id=ids, state=OneOf(tuple(LIVE_STATES)), order=("-night",))
    holds = await tx.find(Hold, unit_id=ids, ended_at=None, until=AtLeast(parts.now()))
    turnovers = await tx.find(Turnover, unit_id=ids, done_at=None, key_code_must_change=True)
    booking = {each.unit_id: _booking(each) for each in live}
    asked = {each.unit_id: each.id for each in holds if each.owner_asked_at and not each.owner_said}
    locked = {each.unit_id for each in turnovers}
    return [
        {
            **to_jsonable_python(unit),
            "booking": booking.get(unit.id),
            "hold_id": asked.get(unit.id),
            "key_code": unit.id in locked,
        }
        for unit in units
    ]


def _booking(booking: Booking) -> dict[str, str]:
    return {
        "id": booking.id,
        "reference": booking.reference,
        "night": booking.night.isoformat(),
        "checkout": booking.checkout.isoformat(),
    }

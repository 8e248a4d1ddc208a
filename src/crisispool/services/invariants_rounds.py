"""What must hold of what comes back: rounds, calls of closed days and the check-out question are never late."""

from datetime import datetime

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.care import CareCall, CareState
from crisispool.domain.rounds import Round
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.broken import Broken
from crisispool.services.invariants_units import LATE


async def round_rules(tx: Transaction, now: datetime) -> list[Broken]:
    """``round_done_in_time``, ``care_in_time`` and ``checkout_asked``. Policy: sections 5, 6 and 7."""
    late = AtMost(now - LATE)
    rounds = await tx.find(Round, due_at=late)
    calls = await tx.find(CareCall, next_action_at=late)
    calls += await tx.find(CareCall, state=CareState.OPEN, next_action_at=None)
    live = OneOf(tuple(LIVE_STATES))
    stays = await tx.find(Booking, state=live, ask_checkout_at=late)
    stays += await tx.find(Booking, state=live, ask_checkout_at=None)
    return [
        *(Broken("round_done_in_time", each.id) for each in rounds),
        *(Broken("care_in_time", each.id) for each in calls),
        *(Broken("checkout_asked", each.id) for each in stays),
    ]

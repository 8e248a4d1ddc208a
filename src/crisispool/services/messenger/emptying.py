"""What is over is not for the chats any more: the words of its messages are taken back, and their buttons."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.handover import Case, Handover
from crisispool.domain.messenger import ARRIVED, Channel, Delivery
from crisispool.domain.record import Message
from crisispool.domain.request import Request, RequestState
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.parts import Parts

AFTER: Final = timedelta(hours=24)
"""How long what is over may still be read."""

NEWS_LASTS: Final = timedelta(days=7)
"""How long what is about no case may be read."""

LONGEST: Final = timedelta(days=30)
"""Whatever it is about: personal data is not kept longer either."""


class Emptying:
    """Marks deliveries whose words are to go; the sender then changes their bubbles, as any other that changed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self, now: datetime) -> int:
        """Empty what is over; how many. Raises Outage."""
        async with self._parts.store.reading() as tx:
            standing = await tx.find(
                Delivery,
                channel=Channel.MESSENGER,
                state=OneOf(ARRIVED),
                emptied_at=None,
                at=AtMost(now - AFTER),
            )
            over: dict[tuple[str, str], bool] = {}
            due = []
            for delivery in standing:
                message = await tx.get(Message, delivery.message_id)
                if message is None:
                    continue
                about = (message.about_kind, message.about_id)
                if about not in over:
                    over[about] = await is_over(tx, *about, now)
                lasts = LONGEST if about[0] in KINDS else NEWS_LASTS
                if over[about] or message.at + lasts <= now:
                    due.append(delivery.id)
        for delivery_id in due:
            async with self._parts.store.transaction() as tx:
                [fresh] = await tx.lock(Delivery, [delivery_id])
                if fresh.emptied_at is None:
                    waits = now if fresh.external_id is not None else None
                    await tx.save(
                        replace(fresh, emptied_at=now, next_try_at=waits, version=fresh.version + 1)
                    )
        return len(due)


async def is_over(tx: Transaction, kind: str, about_id: str, now: datetime) -> bool:
    """Whether nothing is to be done any more about this: its case is closed, or it ended a day ago."""
    match kind:
        case "booking":
            booking = await tx.get(Booking, about_id)
            return booking is None or await _booking_is_over(tx, booking, now)
        case "handover":
            handover = await tx.get(Handover, about_id)
            return handover is None or handover.closed_at is not None
        case "case":
            case = await tx.get(Case, about_id)
            return case is None or case.closed_at is not None
        case "request":
            request = await tx.get(Request, about_id)
            return request is None or await _request_is_over(tx, request, now)
    return False


KINDS: Final = ("booking", "handover", "case", "request")
"""What has an end of its own."""


async def _booking_is_over(tx: Transaction, booking: Booking, now: datetime) -> bool:
    case = await tx.get(Case, booking.case_id)
    if case is None or case.closed_at is not None:
        return True
    ended = booking.ended_at is not None and booking.ended_at + AFTER <= now
    return booking.state not in LIVE_STATES and ended


async def _request_is_over(tx: Transaction, request: Request, now: datetime) -> bool:
    if request.state is RequestState.OPEN:
        return False
    cases = await tx.find(Case, request_id=request.id)
    if cases:
        return all(case.closed_at is not None for case in cases)
    return request.closed_at is not None and request.closed_at + AFTER <= now

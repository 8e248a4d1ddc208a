"""What must hold of messages, both ways: nothing that should be told is silently dropped, and nothing waits unseen."""

from collections.abc import Collection
from datetime import datetime

from crisispool.domain.messenger import (
    Channel,
    ChatView,
    Delivery,
    DeliveryState,
    InboxUpdate,
    UpdateState,
)
from crisispool.domain.record import Message, MessageSeen, MessageState
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.broken import Broken
from crisispool.services.invariants_units import LATE
from crisispool.services.unreached import GRACE, KEYS, mark_of


async def message_rules(tx: Transaction, channels: Collection[Channel], now: datetime) -> list[Broken]:
    """``message_failed``, ``message_waits``, ``update_waits``; the last two only of the channels of this set-up."""
    return [
        *await _failed(tx),
        *(await _waiting(tx, channels, now) if channels else ()),
        *(await _unheard(tx, now) if Channel.MESSENGER in channels else ()),
    ]


async def _failed(tx: Transaction) -> list[Broken]:
    """A message that reached nobody, and of which nobody else was told either."""
    failed = await tx.find(Message, state=MessageState.FAILED)
    seen = await tx.find(MessageSeen, message_id=OneOf(tuple(each.id for each in failed)))
    unseen = [each for each in failed if each.id not in {row.message_id for row in seen}]
    alarms = await tx.find(Message, key=OneOf(KEYS)) if unseen else []
    return [
        Broken("message_failed", message.id)
        for message in unseen
        if message.key in KEYS or not any(each.dedupe.startswith(f"{mark_of(message)}:") for each in alarms)
    ]


async def _unheard(tx: Transaction, now: datetime) -> list[Broken]:
    """Something came in and nobody is at it."""
    late = await tx.find(InboxUpdate, state=UpdateState.WAITING, next_try_at=AtMost(now - LATE))
    return [Broken("update_waits", each.id) for each in late]


async def _waiting(tx: Transaction, channels: Collection[Channel], now: datetime) -> list[Broken]:
    """A message that nobody hands out or brings, or a chat that does not show what it must."""
    late = AtMost(now - LATE)
    own = OneOf(tuple(channels))
    stuck = {
        each.id for each in await tx.find(Message, state=MessageState.QUEUED, at=AtMost(now - LATE - GRACE))
    }
    under_way = await tx.find(Message, state=MessageState.UNDER_WAY, at=late)
    queued = await tx.find(
        Delivery, state=DeliveryState.QUEUED, message_id=OneOf(tuple(m.id for m in under_way))
    )
    stuck |= {each.id for each in under_way} - {each.message_id for each in queued}
    stuck |= {each.message_id for each in await tx.find(Delivery, channel=own, next_try_at=late)}
    never = await tx.find(Delivery, channel=own, state=DeliveryState.QUEUED, next_try_at=None)
    stuck |= {each.message_id for each in never}
    if Channel.MESSENGER in channels:
        stuck |= {view.id for view in await tx.find(ChatView, next_try_at=late)}
    return [Broken("message_waits", each) for each in sorted(stuck)]

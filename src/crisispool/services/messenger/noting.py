"""What became of a step in a chat, in the rows: whose turn it is, what stands where, what waits behind it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from crisispool.domain.messenger import (
    Channel,
    ChatTurn,
    ChatView,
    Delivery,
    DeliveryState,
)
from crisispool.ports import AtMost, Transaction
from crisispool.services.messenger.steps import Redo, Show, Step, Tell


async def turn_of(tx: Transaction, link_id: str) -> ChatTurn:
    """Whose turn it is to write to this chat; the row locked, made the first time."""
    found = await tx.lock(ChatTurn, [link_id])
    if found:
        return found[0]
    first = ChatTurn(link_id)
    await tx.add(first)
    return first


async def row_of(tx: Transaction, step: Step) -> Any:
    """The row that says what is due, fresh; None for a menu."""
    match step:
        case Show(view=view):
            [row] = await tx.lock(ChatView, [view.id])
            return row
        case Tell(delivery=delivery) | Redo(delivery=delivery):
            [told] = await tx.lock(Delivery, [delivery.id])
            return told
    return None


def is_withdrawn(row: object) -> bool:
    """What was replaced while it was on its way, and did not get there, is not tried again."""
    return isinstance(row, Delivery) and row.state is DeliveryState.REPLACED and row.external_id is None


async def shown(tx: Transaction, view: ChatView, number: int, now: datetime) -> bool:
    """Note that this state of the talk stands in this bubble; False when another bubble has it already."""
    [fresh] = await tx.lock(ChatView, [view.id])
    if fresh.shown >= view.wanted:
        return fresh.message_id == number
    up_to_date = fresh.wanted == view.wanted
    await tx.save(
        replace(
            fresh,
            shown=view.wanted,
            message_id=number,
            last_message_id=max(fresh.last_message_id, number),
            next_try_at=None if up_to_date else now,
            tries=0,
            version=fresh.version + 1,
        )
    )
    return True


async def redone(tx: Transaction, delivery: Delivery, now: datetime) -> None:
    """Note that a bubble was changed; once more when something happened to it meanwhile."""
    [fresh] = await tx.lock(Delivery, [delivery.id])
    again = now if fresh.version != delivery.version else None
    await tx.save(replace(fresh, next_try_at=again, tries=0, version=fresh.version + 1))


async def keep_order(tx: Transaction, first: Delivery, at: datetime) -> None:
    """Nothing that waits behind it in the same chat overtakes it, but what is urgent."""
    behind: dict[str, Any] = {
        "channel": Channel.MESSENGER,
        "reader_id": first.reader_id,
        "urgent": first.urgent,
    }
    for each in await tx.find(Delivery, state=DeliveryState.QUEUED, next_try_at=AtMost(at), **behind):
        if each.id != first.id and (each.at, each.id) > (first.at, first.id):
            await tx.save(replace(each, next_try_at=at, version=each.version + 1))

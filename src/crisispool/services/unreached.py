"""What became of a message, from what became of its deliveries; who is told when it reached nobody."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from crisispool.domain.duty import Duty
from crisispool.domain.messenger import ARRIVED, Delivery, DeliveryState
from crisispool.domain.organisation import Colleague, Organisation, Role
from crisispool.domain.record import Message, MessageSeen, MessageState
from crisispool.ports import Ids, OneOf, Transaction
from crisispool.services.messages import tell_role
from crisispool.services.reaching import reach

GRACE: Final = timedelta(minutes=2)
"""How long a message may have no way at all: somebody may be looking at the terminal, or is just being linked."""

UNREACHED: Final = "message.unreached"
KEYS: Final = (UNREACHED, f"{UNREACHED}_something")

_REFERENCES: Final = ("reference", "request")


async def settle(
    tx: Transaction, ids: Ids, message_id: str, now: datetime, *, late: bool = False
) -> MessageState:
    """Bring a message in step with its deliveries; to be called by whoever changed one, in the same transaction.

    It is told when one reader has it or saw it in the terminal. When it reached nobody the coordinator hears it,
    once; `late`: also when it is still being tried.
    """
    [message] = await tx.lock(Message, [message_id])
    state = await _state(tx, message, now)
    if state is not message.state:
        await tx.save(replace(message, state=state))
    if state is MessageState.SENT:
        await _withdraw(tx, message)
    elif state is MessageState.FAILED or (late and state is MessageState.UNDER_WAY):
        await escalate(tx, ids, message, now)
    return state


async def escalate(tx: Transaction, ids: Ids, message: Message, now: datetime) -> None:
    """Somebody else hears, once, that this message reached nobody: the coordinator on call, or then all of them."""
    mark = mark_of(message)
    if message.key in KEYS:
        # Who should have heard that somebody was not reached was not reached either: the others are told.
        args = (message.key, message.facts, (message.about_kind, message.about_id), _own_mark(message), now)
        await tell_role(tx, ids, message.network_id, Role.COORDINATOR, *args, urgent=True)
        return
    about = next((str(message.facts[name]) for name in _REFERENCES if name in message.facts), "")
    facts: dict[str, object] = {"who": await _who(tx, message)}
    key = UNREACHED if about else f"{UNREACHED}_something"
    facts |= {"about": about} if about else {}
    subject = (message.about_kind, message.about_id)
    await reach(tx, ids, message.network_id, Duty.COORDINATOR, key, facts, subject, mark, now)


async def _state(tx: Transaction, message: Message, now: datetime) -> MessageState:
    deliveries = await tx.find(Delivery, message_id=message.id)
    if any(each.state in ARRIVED for each in deliveries):
        return MessageState.SENT
    if await tx.find(MessageSeen, message_id=message.id, limit=1):
        return MessageState.SENT
    if any(each.state is DeliveryState.QUEUED for each in deliveries):
        return MessageState.UNDER_WAY
    if not deliveries and now < message.at + GRACE:
        return MessageState.QUEUED
    return MessageState.FAILED


async def _who(tx: Transaction, message: Message) -> str:
    """Whom the message was for: a label or a service, never a name."""
    if message.recipient_kind == "colleague":
        colleague = await tx.get(Colleague, message.recipient_id)
        return colleague.label if colleague else ""
    organisation = await tx.get(Organisation, message.recipient_id)
    return organisation.name if organisation else ""


def mark_of(message: Message) -> str:
    """How a message about this one, which reached nobody, is known: each recipient once about each thing."""
    return (
        f"unreached:{message.about_kind}:{message.about_id}:{message.recipient_kind}:{message.recipient_id}"
    )


def _own_mark(message: Message) -> str:
    """The mark of a message that is itself about somebody who was not reached, without its own recipient."""
    return message.dedupe.removesuffix(f":{message.recipient_kind}:{message.recipient_id}")


async def _withdraw(tx: Transaction, message: Message) -> None:
    """It arrived after all: who has not heard yet that it did not need not hear it any more."""
    mark = mark_of(message)
    for alarm in await tx.find(Message, about_id=message.about_id, key=OneOf(KEYS)):
        if not alarm.dedupe.startswith(f"{mark}:") or alarm.state is MessageState.SENT:
            continue
        queued = await tx.find(Delivery, message_id=alarm.id, state=DeliveryState.QUEUED)
        for each in await tx.lock(Delivery, [each.id for each in queued]):
            gone = replace(each, state=DeliveryState.REPLACED, next_try_at=None, version=each.version + 1)
            await tx.save(gone)
        await tx.save(replace(alarm, state=MessageState.SENT))

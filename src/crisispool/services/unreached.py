"""What became of a message, from what became of its deliveries; who is told, once, when it reached nobody."""

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

SERVICE, COLLEAGUE = "message.unreached", "message.unreached_colleague"
KEYS: Final = (SERVICE, f"{SERVICE}_other", COLLEAGUE, f"{COLLEAGUE}_other")
"""With a reference, and without one."""

NAMED_BY: Final = ("reference", "request")
"""Facts by which people know what a message is about."""


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
        await _escalate(tx, ids, message, now)
    return state


async def _escalate(tx: Transaction, ids: Ids, message: Message, now: datetime) -> None:
    """Somebody else hears, once, that this reached nobody: the coordinator on call, or in the end all of them."""
    subject = (message.about_kind, message.about_id)
    if message.key in KEYS:
        # Who should have heard that somebody was not reached was not reached either: the others are told.
        mark = message.dedupe.removesuffix(f":{message.recipient_kind}:{message.recipient_id}")
        told = (message.key, message.facts, subject, mark, now)
        await tell_role(tx, ids, message.network_id, Role.COORDINATOR, *told, urgent=True)
        return
    key, facts = await _whom(tx, message)
    about = next((message.facts[name] for name in NAMED_BY if name in message.facts), None)
    if about is None:
        key = f"{key}_other"
    else:
        facts["reference"] = about
    mark = mark_of(message)
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


async def _whom(tx: Transaction, message: Message) -> tuple[str, dict[str, object]]:
    """Whom the message was for, and the number to call: a service, or a colleague by label, never by name."""
    if message.recipient_kind == "colleague":
        colleague = await tx.get(Colleague, message.recipient_id)
        return COLLEAGUE, {"who": colleague.label if colleague else ""}
    service = await tx.get(Organisation, message.recipient_id)
    phone = (service.phone or service.night_phone) if service else ""
    return SERVICE, {"organisation": service.name if service else "", "phone": phone or "–"}


def mark_of(message: Message) -> str:
    """How the alarm about this message is known: one for each recipient about each thing."""
    return (
        f"unreached:{message.about_kind}:{message.about_id}:{message.recipient_kind}:{message.recipient_id}"
    )


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

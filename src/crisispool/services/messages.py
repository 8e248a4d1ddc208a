"""Telling people: messages are rows of the same transaction; a colleague's terminal shows them once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.organisation import Actor, Colleague, Role, RoleGrant
from crisispool.domain.record import Message, MessageSeen
from crisispool.ports import AtLeast, Ids, OneOf, Transaction
from crisispool.services.answers import ScreenAnswer
from crisispool.services.contacts import Contact
from crisispool.services.parts import Parts
from crisispool.texts.render import render

TRIES = 6
"""Windows of one colleague that look at the same moment, in several processes."""

About = tuple[str, str]
"""What a message is about: kind and id, such as ``("booking", id)``."""

PARTS = {Role.UNIT_MANAGER: "owner", Role.SUPPORT_WORKER: "outreach"}
"""Which part of an organisation a role belongs to: the landlord never reads what outreach is told."""


async def tell(
    tx: Transaction,
    ids: Ids,
    network_id: str,
    recipient: tuple[str, str],
    key: str,
    facts: Mapping[str, object],
    about: About,
    dedupe: str,
    now: datetime,
    *,
    urgent: bool = False,
) -> bool:
    """Queue one message, once per `dedupe`; whether it is new. `recipient`: ``("colleague"|"owner"|"outreach", id)``.

    `facts` are codes, numbers, dates and references only.
    """
    marked = ":".join((dedupe, *recipient))
    if await tx.find(Message, dedupe=marked):
        return False
    await tx.add(Message(ids.new(), network_id, *recipient, key, dict(facts), *about, urgent, marked, now))
    return True


async def tell_role(
    tx: Transaction,
    ids: Ids,
    network_id: str,
    role: Role,
    key: str,
    facts: Mapping[str, object],
    about: About,
    dedupe: str,
    now: datetime,
    *,
    urgent: bool = False,
) -> None:
    """Queue one message for every active colleague of a network who has this role."""
    for colleague_id in await having(tx, network_id, role):
        recipient = ("colleague", colleague_id)
        await tell(tx, ids, network_id, recipient, key, facts, about, dedupe, now, urgent=urgent)


async def having(tx: Transaction, network_id: str, role: Role) -> tuple[str, ...]:
    """Ids of the active colleagues of a network who have this role."""
    colleagues = await tx.find(Colleague, network_id=network_id, active=True)
    grants = await tx.find(RoleGrant, role=role, colleague_id=OneOf(tuple(c.id for c in colleagues)))
    return tuple(sorted(grant.colleague_id for grant in grants))


class Messages:
    """What a colleague has been told, or their service."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def unseen(self, actor: Actor, operation_id: str = "") -> list[ScreenAnswer]:
        """Messages not shown to this colleague yet, oldest first; showing them marks them as seen.

        The same operation id shows the same ones again: an answer may get lost on its way.
        """
        contact = Contact(self._parts, operation_id, "messages")
        for _ in range(TRIES):
            try:
                async with self._parts.store.transaction() as tx:
                    answered = await contact.answered(tx)
                    if answered is not None:
                        return answered
                    shown = await self.show(tx, actor)
                    await contact.keep(tx, shown)
                    return shown
            except Conflict:
                # Another window of the same colleague was shown them at this moment.
                continue
        raise Outage("record", "one colleague looked in many windows at once")

    async def show(self, tx: Transaction, actor: Actor) -> list[ScreenAnswer]:
        """The same inside a transaction of whoever keeps the answer."""
        fresh = await self._unseen(tx, actor)
        now = self._parts.now()
        await tx.add(*(MessageSeen(message.id, actor.colleague_id, now) for message in fresh))
        return [ScreenAnswer(message.key, render(message.key, message.facts)) for message in fresh]

    async def _unseen(self, tx: Transaction, actor: Actor) -> list[Message]:
        colleague = await tx.get(Colleague, actor.colleague_id)
        since = colleague.created_at if colleague else None
        mine = await tx.find(Message, recipient_kind="colleague", recipient_id=actor.colleague_id)
        if actor.organisation_id:
            where: dict[str, Any] = {"at": AtLeast(since)} if since else {}
            own = OneOf(tuple(part for role, part in PARTS.items() if actor.is_(role)))
            mine += await tx.find(Message, recipient_kind=own, recipient_id=actor.organisation_id, **where)
        seen = {row.message_id for row in await tx.find(MessageSeen, colleague_id=actor.colleague_id)}
        return sorted((message for message in mine if message.id not in seen), key=lambda m: (m.at, m.id))

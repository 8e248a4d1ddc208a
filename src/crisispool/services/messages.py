"""Telling people: messages are rows of the same transaction; a colleague's terminal shows them once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crisispool.conversations.news import TAKE, WAYS, choices_of
from crisispool.conversations.vocabulary import Say, Screen
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.messenger import Channel, Delivery, DeliveryState
from crisispool.domain.organisation import Actor, Colleague, Role, RoleGrant
from crisispool.domain.record import Message, MessageSeen
from crisispool.ports import AtLeast, Ids, OneOf, Transaction
from crisispool.services.accounts import without_programs
from crisispool.services.answers import ScreenAnswer, answer_of
from crisispool.services.contacts import Contact
from crisispool.services.languages import language_of
from crisispool.services.parts import Parts

TRIES = 6
"""Windows of one colleague that look at the same moment, in several processes."""

About = tuple[str, str]
"""What a message is about: kind and id, such as ``("booking", id)``."""

TAKEN_BY_TAP = tuple(key for key, ways in WAYS.items() if TAKE in ways)
"""Messages that ask to take a request."""

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
    """Ids of the active colleagues of a network who have this role, programs left out."""
    colleagues = await tx.find(Colleague, network_id=network_id, active=True)
    grants = await tx.find(RoleGrant, role=role, colleague_id=OneOf(tuple(c.id for c in colleagues)))
    return tuple(sorted(await without_programs(tx, {grant.colleague_id for grant in grants})))


async def note(tx: Transaction, message_ids: tuple[str, ...], said: Say, now: datetime) -> None:
    """What has become of messages: wherever they stand in a chat they say so, and lose their buttons."""
    found = await tx.find(Delivery, message_id=OneOf(message_ids)) if message_ids else []
    for each in await tx.lock(Delivery, [each.id for each in found]):
        # A mail that went out stays as it is; its page says it.
        shown = each.state is DeliveryState.SENT and each.channel is Channel.MESSENGER
        waits = now if shown else each.next_try_at
        answer: dict[str, object] = {"key": said.key, "facts": dict(said.facts)}
        await tx.save(replace(each, answer=answer, next_try_at=waits, version=each.version + 1))


async def note_of_request(tx: Transaction, request_id: str, said: Say, now: datetime) -> None:
    """What has become of a request, on every message that asks to take it."""
    asks = await tx.find(Message, about_kind="request", about_id=request_id, key=OneOf(TAKEN_BY_TAP))
    await note(tx, tuple(message.id for message in asks), said, now)


def screen_of(message: Message) -> Screen:
    """A message as people see it, with what can be tapped on it."""
    return Screen(message.key, message.facts, choices=choices_of(message.key, message.id))


def _parts_of(actor: Actor) -> tuple[str, ...]:
    return tuple(part for role, part in PARTS.items() if actor.is_(role))


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
                    shown = await contact.answered(tx)
                    if shown is None:
                        shown = await self.show(tx, actor)
                        await contact.keep(tx, shown)
                    language = await language_of(tx, actor)
                    return [answer_of(screen, language) for screen in shown]
            except Conflict:
                # Another window of the same colleague was shown them at this moment.
                continue
        raise Outage("record", "one colleague looked in many windows at once")

    async def fresh(self, actor: Actor, operation_id: str) -> list[ScreenAnswer]:
        """The same for a page that asks every few seconds: when there is nothing, nothing is kept of it either."""
        if await Contact(self._parts, operation_id, "messages").kept() is None and not await self.waiting(
            actor
        ):
            return []
        return await self.unseen(actor, operation_id)

    async def waiting(self, actor: Actor) -> int:
        """How many messages this colleague did not see yet; they stay unseen."""
        async with self._parts.store.reading() as tx:
            return len(await self._unseen(tx, actor))

    async def show(self, tx: Transaction, actor: Actor) -> list[Screen]:
        """The same inside a transaction of whoever keeps the answer, as screens."""
        fresh = await self._unseen(tx, actor)
        now = self._parts.now()
        await tx.add(*(MessageSeen(message.id, actor.colleague_id, now) for message in fresh))
        return [screen_of(message) for message in fresh]

    async def told(self, tx: Transaction, actor: Actor, message_id: str) -> Message | None:
        """A message to this colleague or their part of a service; None when it is another's, or there is none."""
        message = await tx.get(Message, message_id)
        if message is None:
            return None
        if message.recipient_kind == "colleague":
            return message if message.recipient_id == actor.colleague_id else None
        own = message.recipient_kind in _parts_of(actor) and message.recipient_id == actor.organisation_id
        return message if own else None

    async def note(self, tx: Transaction, message_id: str, said: Say) -> None:
        """What was done by a tap on a message: wherever it stands in a chat it says so, and loses its buttons."""
        await note(tx, (message_id,), said, self._parts.now())

    async def _unseen(self, tx: Transaction, actor: Actor) -> list[Message]:
        colleague = await tx.get(Colleague, actor.colleague_id)
        since = colleague.created_at if colleague else None
        mine = await tx.find(Message, recipient_kind="colleague", recipient_id=actor.colleague_id)
        if actor.organisation_id:
            where: dict[str, Any] = {"at": AtLeast(since)} if since else {}
            own = OneOf(_parts_of(actor))
            mine += await tx.find(Message, recipient_kind=own, recipient_id=actor.organisation_id, **where)
        seen = {row.message_id for row in await tx.find(MessageSeen, colleague_id=actor.colleague_id)}
        return sorted((message for message in mine if message.id not in seen), key=lambda m: (m.at, m.id))

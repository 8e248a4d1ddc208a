"""From a message to its ways: who reads it, over the messenger and the mail. What reaches nobody is said aloud."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from crisispool.domain.messenger import Channel, Delivery, DeliveryState, LinkState, MessengerLink
from crisispool.domain.organisation import Colleague, Organisation, Role, RoleGrant
from crisispool.domain.record import Message, MessageState
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.mail.mailboxes import mailbox_of
from crisispool.services.messages import PARTS
from crisispool.services.messenger.series import older_in_series
from crisispool.services.parts import Parts
from crisispool.services.unreached import GRACE, settle

AT_ONCE: Final = 200
"""Messages of one round; the next round comes within a second."""

ESCALATE_AFTER: Final = {True: timedelta(minutes=10), False: timedelta(hours=2)}
"""When somebody else hears of a message that is still on its way, urgent or not. It goes on being tried."""

LOOK_BACK: Final = timedelta(days=7)
"""Nothing stands still for longer; what is older was told, or is past."""

log = structlog.get_logger(__name__)

Way = tuple[Channel, str]
"""A channel and its reader: a `MessengerLink` or an `Organisation`."""


async def ways_to(tx: Transaction, message: Message, channels: Collection[Channel]) -> list[Way]:
    """Every way on which this message goes to those whom it is for, of the channels that there are.

    A colleague is told on each of their accounts; a part of an organisation on those of its colleagues who have
    that role, and in the shared mailbox. A referrer without an account hears through the mailbox of their service,
    which goes on for one who left.
    """
    if message.recipient_kind == "colleague":
        colleague = await tx.get(Colleague, message.recipient_id)
        if colleague is None:
            return []
        ways = await _accounts(tx, [colleague.id], channels) if colleague.active else []
        if not ways and await tx.find(RoleGrant, colleague_id=colleague.id, role=Role.REFERRER):
            ways = await _mailbox(tx, "colleague", colleague.organisation_id, channels)
        return ways
    readers = await _having_part(tx, message.recipient_kind, message.recipient_id)
    mailbox = await _mailbox(tx, message.recipient_kind, message.recipient_id, channels)
    return [*await _accounts(tx, readers, channels), *mailbox]


async def _having_part(tx: Transaction, part: str, organisation_id: str) -> list[str]:
    [role] = (role for role, named in PARTS.items() if named == part)
    colleagues = await tx.find(Colleague, organisation_id=organisation_id, active=True)
    ids = OneOf(tuple(colleague.id for colleague in colleagues))
    return [grant.colleague_id for grant in await tx.find(RoleGrant, role=role, colleague_id=ids)]


async def _accounts(
    tx: Transaction, colleague_ids: Collection[str], channels: Collection[Channel]
) -> list[Way]:
    if Channel.MESSENGER not in channels or not colleague_ids:
        return []
    links = await tx.find(MessengerLink, colleague_id=OneOf(tuple(colleague_ids)), state=LinkState.ACTIVE)
    return [(Channel.MESSENGER, link.id) for link in links]


async def _mailbox(
    tx: Transaction, part: str, organisation_id: str | None, channels: Collection[Channel]
) -> list[Way]:
    if Channel.MAIL not in channels or organisation_id is None:
        return []
    organisation = await tx.get(Organisation, organisation_id)
    return [(Channel.MAIL, organisation_id)] if organisation and mailbox_of(organisation, part) else []


class HandingOut:
    """Makes the deliveries of each message. A sweep: a message is waiting until the transaction that made them.

    Nothing is lost between telling and handing out, and who is linked a minute later is told all the same. Without
    any channel nothing is handed out and nobody is alarmed: then the terminal is all there is.
    """

    def __init__(self, parts: Parts, channels: Collection[Channel]) -> None:
        self._parts = parts
        self._channels = frozenset(channels)

    async def run(self, now: datetime) -> int:
        """Hand out what waits, urgent first, and say what is late; how many messages. Raises Outage."""
        if not self._channels:
            return 0
        async with self._parts.store.reading() as tx:
            waiting = await tx.find(
                Message, state=MessageState.QUEUED, order=("-urgent", "at"), limit=AT_ONCE
            )
            # What has no way is only looked at until its time has come: somebody may still be linked.
            due = [each for each in waiting if each.at + GRACE <= now or await self._ways(tx, each)]
        done = 0
        for message in due:
            async with self._parts.store.transaction() as tx:
                done += await self._hand_out(tx, message.id, now)
        return done

    async def look_after_late(self, now: datetime) -> None:
        """Who should know hears of every message that is still on its way and should have arrived. Raises Outage."""
        if not self._channels:
            return
        for urgent, after in ESCALATE_AFTER.items():
            async with self._parts.store.reading() as tx:
                # All of them: behind the first ones there may be some that nobody has heard of yet.
                late = await tx.find(
                    Message, state=MessageState.UNDER_WAY, urgent=urgent, at=AtMost(now - after)
                )
            for message in late:
                async with self._parts.store.transaction() as tx:
                    await settle(tx, self._parts.ids, message.id, now, late=True)

    async def _ways(self, tx: Transaction, message: Message) -> list[Way]:
        return await ways_to(tx, message, self._channels)

    async def _hand_out(self, tx: Transaction, message_id: str, now: datetime) -> int:
        [message] = await tx.lock(Message, [message_id])
        if message.state is not MessageState.QUEUED:
            return 0
        ways = await self._ways(tx, message)
        terminal = message.recipient_kind == "colleague" and Channel.MESSENGER not in self._channels
        if message.at + LOOK_BACK < now or (terminal and not ways):
            # It is past; or colleagues have nothing but the terminal, which shows it.
            await tx.save(replace(message, state=MessageState.SENT))
            return 1
        for channel, reader_id in ways:
            await self._replace_unsent(tx, message, channel, reader_id, now)
            await tx.add(
                Delivery(
                    self._parts.ids.new(),
                    message.id,
                    message.network_id,
                    channel,
                    reader_id,
                    message.urgent,
                    message.at,
                    next_try_at=now,
                )
            )
        await settle(tx, self._parts.ids, message.id, now)
        return 1 if ways else 0

    async def _replace_unsent(
        self, tx: Transaction, message: Message, channel: Channel, reader_id: str, now: datetime
    ) -> None:
        """What has not left yet, and is overtaken by this, need not leave any more."""
        for older in await older_in_series(tx, message, channel, reader_id):
            if older.state is not DeliveryState.QUEUED:
                continue
            [fresh] = await tx.lock(Delivery, [older.id])
            gone = replace(fresh, state=DeliveryState.REPLACED, next_try_at=None, version=fresh.version + 1)
            await tx.save(gone)
            await settle(tx, self._parts.ids, older.message_id, now)

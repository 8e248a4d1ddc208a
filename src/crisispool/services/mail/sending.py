"""Mail that is due goes out: urgent first, one process at a time for each, later again, never dropped in silence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from crisispool.domain.errors import Outage, Refusal
from crisispool.domain.messenger import Channel, Delivery, DeliveryState
from crisispool.domain.organisation import Network, Organisation
from crisispool.domain.record import Message
from crisispool.ports import AtMost, Mail, Mailer, Transaction
from crisispool.services.mail.composing import mail_of, subject_of
from crisispool.services.mail.mailboxes import mailbox_of
from crisispool.services.messages import screen_of
from crisispool.services.messenger.gateway import Gateway, Leak
from crisispool.services.page_links import link_to_service, token_of
from crisispool.services.parts import Parts
from crisispool.services.unreached import settle

A_ROUND: Final = 50
"""Mails in one round; the next one goes on."""

LEASE: Final = timedelta(minutes=2)
"""How long a mail is left to who sends it. After that nobody knows what became of it, and it goes once more."""

SERVER_AWAY: Final = timedelta(minutes=1)
"""When to try again what failed for no reason of its own."""

PAUSES: Final = (*(timedelta(minutes=n) for n in (1, 5, 15, 30)), timedelta(hours=1))
"""When to try again what a mailbox did not take now; the last one from then on."""

LATE: Final = timedelta(minutes=15)
"""From here on the coordinators know that something urgent has not gone out."""

MOST_TRIES: Final = 50
"""How often a mailbox is asked: for about two days. A server that is away is not the fault of a mailbox."""

Change = Callable[[Delivery], Delivery]

log = structlog.get_logger(__name__)


class _Unfit(Exception):
    """This can never be mailed; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRounds:
    """Sends what is due. `public_url` is where people reach the pages."""

    def __init__(self, parts: Parts, mailer: Mailer, gateway: Gateway, public_url: str) -> None:
        self._parts = parts
        self._gateway = gateway
        self._mailer = mailer
        self._public_url = public_url

    async def run(self) -> int:
        """One round; how many mails the server took. Raises `Outage("mail")` when it is away."""
        sent = 0
        due = await self._due()
        while due:
            delivery_id = due.pop(0)
            claimed = await self._claim(delivery_id)
            if claimed is None:
                continue
            try:
                change = await self._send(claimed)
            except Outage:
                await self._change(delivery_id, self._server_away)
                for waiting in due:
                    await self._change(waiting, self._not_tried)
                raise
            taken = await self._change(delivery_id, change)
            sent += taken is not None and taken.state is DeliveryState.SENT
        return sent

    async def _send(self, mail: Mail) -> Change:
        """Hand it to the server; what that means for its delivery. Raises `Outage("mail")`."""
        try:
            name = await self._mailer.send(mail)
        except Refusal as no:
            return partial(_failed, reason=f"refused:{no.facts.get('code', '')}")
        except Outage as outage:
            if outage.part == "mail":
                raise
            return self._later
        return partial(self._sent, name=name)

    async def _due(self) -> list[str]:
        async with self._parts.store.reading() as tx:
            found = await tx.find(
                Delivery,
                channel=Channel.MAIL,
                state=DeliveryState.QUEUED,
                next_try_at=AtMost(self._parts.now()),
                order=("-urgent", "at"),
                limit=A_ROUND,
            )
        return [each.id for each in found]

    async def _claim(self, delivery_id: str) -> Mail | None:
        """Take a mail for a while and write it; None when another process has it, or it need not go any more."""
        parts, now = self._parts, self._parts.now()
        async with parts.store.transaction() as tx:
            [delivery] = await tx.lock(Delivery, [delivery_id])
            if not _is_due(delivery, now):
                return None
            if delivery.answer is not None:
                # Somebody of the service did it in the chat meanwhile.
                await _save(tx, replace(delivery, state=DeliveryState.REPLACED, next_try_at=None))
                await settle(tx, parts.ids, delivery.message_id, now)
                return None
            try:
                mail = await self._written(tx, delivery, now)
            except _Unfit as unfit:
                await fail(tx, parts, delivery, unfit.reason)
                return None
            await _save(tx, replace(delivery, next_try_at=now + LEASE))
        return mail

    async def _written(self, tx: Transaction, delivery: Delivery, now: datetime) -> Mail:
        """The mail in words, with its link. Raises _Unfit for what will not get better, while others wait."""
        message, reader, network = await _about(tx, delivery)
        if not mailbox_of(reader, message.recipient_kind):
            raise _Unfit("no_mailbox")
        link = await link_to_service(tx, self._parts.vault, delivery.id, message, reader, now)
        url = f"{self._public_url}/p/{token_of(self._parts.vault, link.id)}"
        try:
            await self._gateway.screens(tx, [screen_of(message)])
            subject = subject_of(message)
            await self._gateway.sentence(tx, subject.key, subject.facts)
            return mail_of(delivery, message, reader, network, url, link.expires_at)
        except Leak as leak:
            log.error("gateway_refused", key=leak.key, fact=leak.fact, channel="mail")
            raise _Unfit("withheld") from None
        except (LookupError, ValueError, TypeError) as wrong:
            log.error("mail_not_written", key=message.key, error=type(wrong).__name__)
            raise _Unfit("not_written") from None

    async def _change(self, delivery_id: str, change: Change) -> Delivery | None:
        """What became of it, None when another process knew first; the coordinators hear what did not arrive."""
        parts, now = self._parts, self._parts.now()
        async with parts.store.transaction() as tx:
            [delivery] = await tx.lock(Delivery, [delivery_id])
            if delivery.state is not DeliveryState.QUEUED:
                return None
            changed = change(delivery)
            if changed == delivery:
                return None
            await _save(tx, changed)
            await settle(tx, parts.ids, changed.message_id, now, late=_is_late(changed, now))
        return changed

    def _sent(self, delivery: Delivery, name: str) -> Delivery:
        now = self._parts.now()
        return replace(
            delivery, state=DeliveryState.SENT, sent_at=now, external_id=name, next_try_at=None, reason=None
        )

    def _later(self, delivery: Delivery) -> Delivery:
        tried = replace(delivery, tries=delivery.tries + 1)
        if tried.tries >= MOST_TRIES:
            return _failed(tried, "given_up")
        return self._again(tried, PAUSES[min(delivery.tries, len(PAUSES) - 1)], "later")

    def _server_away(self, delivery: Delivery) -> Delivery:
        return self._again(delivery, SERVER_AWAY, "server_away")

    def _not_tried(self, delivery: Delivery) -> Delivery:
        """Another process may be at it meanwhile."""
        return self._server_away(delivery) if _is_due(delivery, self._parts.now()) else delivery

    def _again(self, delivery: Delivery, pause: timedelta, reason: str) -> Delivery:
        return replace(delivery, next_try_at=self._parts.now() + pause, reason=reason)


async def fail(tx: Transaction, parts: Parts, delivery: Delivery, reason: str) -> None:
    """This one did not arrive, whatever the server said before: written down, and the coordinators know."""
    await _save(tx, _failed(delivery, reason))
    await settle(tx, parts.ids, delivery.message_id, parts.now())


async def _about(tx: Transaction, delivery: Delivery) -> tuple[Message, Organisation, Network]:
    message = await tx.get(Message, delivery.message_id)
    reader = await tx.get(Organisation, delivery.reader_id)
    network = await tx.get(Network, delivery.network_id)
    if message is None or reader is None or network is None:
        raise _Unfit("nobody")
    return message, reader, network


async def _save(tx: Transaction, delivery: Delivery) -> None:
    await tx.save(replace(delivery, version=delivery.version + 1))


def _failed(delivery: Delivery, reason: str) -> Delivery:
    return replace(delivery, state=DeliveryState.FAILED, reason=reason, next_try_at=None)


def _is_due(delivery: Delivery, now: datetime) -> bool:
    due = delivery.next_try_at
    return delivery.state is DeliveryState.QUEUED and due is not None and due <= now


def _is_late(delivery: Delivery, now: datetime) -> bool:
    return delivery.urgent and delivery.state is DeliveryState.QUEUED and now >= delivery.at + LATE

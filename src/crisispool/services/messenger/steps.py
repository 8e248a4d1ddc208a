"""What is next for one chat: one thing to bring there, read anew from the record each time. Brings nothing itself."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from crisispool.conversations.vocabulary import Say, Screen
from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.messenger import (
    ARRIVED,
    Channel,
    ChatTurn,
    ChatView,
    Delivery,
    DeliveryState,
    LinkState,
    MessengerLink,
)
from crisispool.domain.record import Message
from crisispool.ports import AtMost, Ids, OneOf, Transaction, Vault
from crisispool.services.messages import screen_of
from crisispool.services.messenger.gateway import Gateway, Leak, Passed
from crisispool.services.messenger.handing_out import ways_to
from crisispool.services.messenger.menus import menu_of
from crisispool.services.messenger.series import older_in_series
from crisispool.services.messenger.views import screens_of
from crisispool.services.unreached import settle

BETWEEN: Final = timedelta(seconds=1)
"""Between two messages in one chat; an answer to somebody who taps does not wait."""

GIVE_UP_AFTER: Final = timedelta(hours=24)
"""What did not arrive by then is not news any more; long before, somebody else heard of it."""

QUIET_FROM, QUIET_UNTIL = 22, 7
"""Hours of the night in which only what is urgent makes a sound."""

WITHHELD: Final = Screen("bubble.withheld")
CLOSED: Final = Screen("bubble.closed")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Show:
    """The view of a chat is to be brought up to date: by editing the bubble `edit`, or anew and `strip` loses its
    buttons."""

    view: ChatView
    passed: Passed
    edit: int | None
    strip: int | None


@dataclass(frozen=True, slots=True)
class Tell:
    """A message is to be told: in the bubble `edit` of what it replaces, or in one of its own."""

    delivery: Delivery
    passed: Passed
    older: tuple[Delivery, ...]
    edit: int | None
    loud: bool


@dataclass(frozen=True, slots=True)
class Redo:
    """A message that stands in a chat already says something else now; without words it only loses its buttons."""

    delivery: Delivery
    passed: Passed | None


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands of a chat changed; `mark` is what they are made from."""

    mark: str
    commands: tuple[tuple[str, str], ...]


Step = Show | Tell | Redo | Menu


class Steps:
    """Finds the next step of a chat. Who taps comes first, then what is urgent, what is new, what changed."""

    def __init__(self, vault: Vault, ids: Ids, gateway: Gateway) -> None:
        self._vault = vault
        self._ids = ids
        self._gateway = gateway

    async def next(self, tx: Transaction, link: MessengerLink, turn: ChatTurn, now: datetime) -> Step | None:
        """The next thing to bring to the chat of this link, in a transaction that holds its turn."""
        view = await tx.get(ChatView, link.id)
        newest = max(turn.newest, view.last_message_id if view else 0)
        if view is not None and view.wanted > view.shown and _is_due(view.next_try_at, now):
            return await self._show(tx, view, newest)
        if link.state is not LinkState.ACTIVE:
            await self._give_up_all(tx, link, now)
            # Of a chat that was left, what stands there can still be taken back.
            return await self._redo(tx, link, now) if link.state is LinkState.ENDED else None
        return (
            await self._tell(tx, link, turn, newest, now)
            or await self._redo(tx, link, now)
            or await self._menu(tx, link, turn)
        )

    async def _show(self, tx: Transaction, view: ChatView, newest: int) -> Show:
        try:
            passed = await self._gateway.screens(tx, screens_of(self._vault, view))
        except Leak as leak:
            log.error("gateway_refused", key=leak.key, fact=leak.fact, channel="messenger")
            passed = await self._gateway.screens(tx, [WITHHELD])
        stands = view.message_id
        in_place = stands is not None and stands >= newest
        return Show(view, passed, edit=stands if in_place else None, strip=None if in_place else stands)

    async def _tell(
        self, tx: Transaction, link: MessengerLink, turn: ChatTurn, newest: int, now: datetime
    ) -> Tell | None:
        for delivery in await tx.find(
            Delivery,
            order=("-urgent", "at"),
            channel=Channel.MESSENGER,
            reader_id=link.id,
            state=DeliveryState.QUEUED,
            next_try_at=AtMost(now),
        ):
            if delivery.tries and delivery.at + GIVE_UP_AFTER < now:
                await self.give_up(tx, delivery, "too_late", now)
                continue
            if turn.told_at is not None and turn.told_at <= now < turn.told_at + BETWEEN:
                return None
            message = await _message_of(tx, delivery)
            if (Channel.MESSENGER, link.id) not in await ways_to(tx, message, (Channel.MESSENGER,)):
                # It was for them when it was handed out: who left, or does something else now, is not told.
                await self.give_up(tx, delivery, "not_theirs", now)
                continue
            try:
                passed = await self._gateway.screens(tx, face_of(delivery, message))
            except Leak as leak:
                log.error("gateway_refused", key=leak.key, fact=leak.fact, channel="messenger")
                await self.give_up(tx, delivery, "withheld", now)
                continue
            older = [
                each
                for each in await older_in_series(tx, message, Channel.MESSENGER, link.id)
                if each.state in ARRIVED and each.external_id is not None
            ]
            # An edit makes no sound: what is urgent gets a bubble of its own.
            quiet = [int(str(each.external_id)) for each in older[:1] if not delivery.urgent]
            edit = next((number for number in quiet if number >= newest), None)
            standing = tuple(each for each in older if each.state is DeliveryState.SENT)
            return Tell(delivery, passed, standing, edit, loud=delivery.urgent or _is_day(now))
        return None

    async def _redo(self, tx: Transaction, link: MessengerLink, now: datetime) -> Redo | None:
        for delivery in await tx.find(
            Delivery,
            order=("next_try_at",),
            limit=1,
            channel=Channel.MESSENGER,
            reader_id=link.id,
            state=OneOf(ARRIVED),
            next_try_at=AtMost(now),
        ):
            message = await _message_of(tx, delivery)
            if delivery.state is DeliveryState.REPLACED and delivery.emptied_at is None:
                return Redo(delivery, None)
            try:
                return Redo(delivery, await self._gateway.screens(tx, face_of(delivery, message)))
            except Leak as leak:
                log.error("gateway_refused", key=leak.key, fact=leak.fact, channel="messenger")
                return Redo(delivery, None)
        return None

    async def _menu(self, tx: Transaction, link: MessengerLink, turn: ChatTurn) -> Menu | None:
        wanted = await menu_of(tx, link)
        return Menu(wanted.mark, wanted.commands) if wanted and wanted.mark != turn.menu else None

    async def give_up(self, tx: Transaction, delivery: Delivery, reason: str, now: datetime) -> None:
        """This delivery will not arrive; who has to know is told. `reason` is a code."""
        [fresh] = await tx.lock(Delivery, [delivery.id])
        if fresh.state is not DeliveryState.QUEUED:
            return
        await tx.save(
            replace(
                fresh, state=DeliveryState.FAILED, reason=reason, next_try_at=None, version=fresh.version + 1
            )
        )
        await settle(tx, self._ids, fresh.message_id, now)

    async def _give_up_all(self, tx: Transaction, link: MessengerLink, now: datetime) -> None:
        """Nobody is at this chat any more, or not yet again."""
        reason = "blocked" if link.state is LinkState.BLOCKED else "unlinked"
        where: dict[str, Any] = {"channel": Channel.MESSENGER, "reader_id": link.id}
        for delivery in await tx.find(Delivery, state=DeliveryState.QUEUED, **where):
            await self.give_up(tx, delivery, reason, now)
        if link.state is LinkState.ENDED:
            return
        for standing in await tx.find(Delivery, state=OneOf(ARRIVED), next_try_at=AtMost(now), **where):
            await tx.save(replace(standing, next_try_at=None, version=standing.version + 1))


async def _message_of(tx: Transaction, delivery: Delivery) -> Message:
    message = await tx.get(Message, delivery.message_id)
    if message is None:
        raise LookupError("a delivery without its message")
    return message


def face_of(delivery: Delivery, message: Message) -> list[Screen]:
    """What a message says in its bubble now."""
    if delivery.emptied_at is not None:
        return [CLOSED]
    screen = screen_of(message)
    if delivery.answer is None:
        return [screen]
    answer: dict[str, Any] = delivery.answer
    return [replace(screen, choices=(), lines=(*screen.lines, Say(answer["key"], answer["facts"])))]


def _is_due(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _is_day(now: datetime) -> bool:
    return QUIET_UNTIL <= now.astimezone(BRUSSELS).hour < QUIET_FROM

"""Brings to each chat what it must show and what is to be told there: at least once, in order, by one at a time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from crisispool.domain.errors import Blocked, Conflict, Gone, NotTaken, Outage
from crisispool.domain.messenger import (
    Channel,
    ChatTurn,
    ChatView,
    Delivery,
    DeliveryState,
    MessengerLink,
)
from crisispool.ports import AtMost, Bubble, Messenger, OneOf, Transaction
from crisispool.services.messenger.blocking import blocked
from crisispool.services.messenger.gateway import Gateway, Passed
from crisispool.services.messenger.menus import with_other_menu
from crisispool.services.messenger.noting import (
    is_withdrawn,
    keep_order,
    redone,
    row_of,
    shown,
    turn_of,
)
from crisispool.services.messenger.steps import Menu, Redo, Show, Step, Steps, Tell
from crisispool.services.parts import Parts
from crisispool.services.unreached import settle

TURN: Final = timedelta(seconds=30)
"""For one step; who dies in it holds its chat up for so long."""

A_STEP: Final = timedelta(seconds=25)
"""All calls of one step together; what takes longer failed, while the turn is still ours."""

AT_ONCE: Final = 8
"""Chats of which a step is under way; one that hangs holds up none of the others."""

A_ROUND: Final = 200
"""Rows of a kind that one round looks at; the next one comes within a second."""

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30, 60))
"""After each failure a longer one, up to the last."""

LONGEST: Final = timedelta(minutes=10)
"""However long the messenger wants to be left alone, it is asked again after this."""

MENUS_EVERY: Final = timedelta(minutes=1)

TOO_MANY: Final = 3
"""Chats that are told to be too fast, one after the other: then it is not the chat, it is all of us."""

log = structlog.get_logger(__name__)

Renders = Callable[[MessengerLink, Passed], Bubble]
"""From what passed the gateway to the bubble of this link: in its language, with buttons for it alone."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """Our turn to write to a chat, and the one thing to do in it."""

    link: MessengerLink
    until: datetime
    step: Step

    @property
    def chat(self) -> int:
        return int(self.link.chat.reveal() or 0)


class Sending:
    """Finds the chats where something is due and brings it there, step by step. Any number of processes may do so.

    A step is claimed in one transaction and noted in another one; in between is the call. Who dies there leaves a
    turn that ends by itself, and the step is done again: an edit twice is one, a new bubble may stand there twice.
    """

    def __init__(self, parts: Parts, messenger: Messenger, renders: Renders, gateway: Gateway) -> None:
        self._parts = parts
        self._messenger = messenger
        self._renders = renders
        self._steps = Steps(parts.vault, parts.ids, gateway)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._at: dict[str, asyncio.Task[int]] = {}
        self._slowed: set[str] = set()
        self._quiet_until: datetime | None = None
        self._menus_at: datetime | None = None

    async def run(self, now: datetime) -> int:
        """Bring all that is due; how many steps were taken. Raises Outage when the record is away."""
        done = await asyncio.gather(*await self.begin(now), return_exceptions=True)
        for failed in done:
            if isinstance(failed, BaseException):
                raise failed
        return sum(each for each in done if isinstance(each, int))

    async def begin(self, now: datetime) -> list[asyncio.Task[int]]:
        """Begin with every chat where something is due; each goes on by itself, so that none waits for another.

        What is begun with already goes on. Raises Outage when the record is away.
        """
        if self._quiet_until is not None and _is_ahead(self._quiet_until, now):
            return []
        self._quiet_until = None
        begun = []
        for link_id in await self._due(now):
            if link_id not in self._at:
                self._at[link_id] = asyncio.create_task(self._until_done(link_id))
                begun.append(self._at[link_id])
        return begun

    async def finish(self) -> None:
        """Until each chat that was begun with is done; when this is cut short, they are as well."""
        await asyncio.gather(*self._at.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Cut short what is under way; nobody need wait for the end of its turns."""
        for task in [*self._at.values()]:
            task.cancel()
        await self.finish()

    async def _due(self, now: datetime) -> list[str]:
        """Links of chats where something is to be done and whose turn is nobody's, the most urgent first."""
        due = AtMost(now)
        async with self._parts.store.reading() as tx:
            views = await tx.find(ChatView, next_try_at=due, order=("next_try_at",), limit=A_ROUND)
            told = await tx.find(
                Delivery,
                order=("-urgent", "at"),
                limit=A_ROUND,
                channel=Channel.MESSENGER,
                next_try_at=due,
            )
            found = dict.fromkeys([*(view.id for view in views), *(each.reader_id for each in told)])
            if self._menus_at is None or now >= self._menus_at + MENUS_EVERY:
                found |= dict.fromkeys(await with_other_menu(tx))
                self._menus_at = now
            turns = await tx.find(ChatTurn, id=OneOf(tuple(found)))
        busy = {turn.id for turn in turns if _is_taken(turn, now)}
        return [link_id for link_id in found if link_id not in busy]

    async def _until_done(self, link_id: str) -> int:
        try:
            return await self._chat(link_id)
        finally:
            del self._at[link_id]

    async def _chat(self, link_id: str) -> int:
        """Step after step in one chat, until nothing is due or somebody else is at it."""
        done = 0
        async with self._room:
            while (turn := await self._claim(link_id)) is not None:
                try:
                    goes_on = await self._take(turn)
                except asyncio.CancelledError:
                    # Told to stop: whoever comes next need not wait for the end of our turn.
                    async with self._parts.store.transaction() as tx:
                        await self._release(tx, turn)
                    raise
                if not goes_on:
                    break
                done += 1
        return done

    async def _claim(self, link_id: str) -> _Turn | None:
        now = self._parts.now()
        try:
            async with self._parts.store.transaction() as tx:
                turn = await turn_of(tx, link_id)
                link = await tx.get(MessengerLink, link_id)
                if link is None or _is_taken(turn, now):
                    return None
                step = await self._steps.next(tx, link, turn, now)
                if step is None:
                    return None
                until = now + TURN
                await tx.save(replace(turn, until=until, version=turn.version + 1))
                return _Turn(link, until, step)
        except Conflict:
            # Another process began with this chat at the same moment.
            return None

    async def _take(self, turn: _Turn) -> bool:
        """Bring it, and note what came of it; whether the chat goes on now."""
        try:
            async with asyncio.timeout(A_STEP.total_seconds()):
                number = await self._bring(turn)
        except TimeoutError:
            await self._failed(turn, Outage("messenger", "too slow"))
            return False
        except Outage as outage:
            await self._failed(turn, outage)
            return False
        except Blocked:
            await self._blocked(turn)
            return True
        except NotTaken:
            log.error("messenger_refused", step=type(turn.step).__name__)
            await self._not_taken(turn)
            return True
        self._slowed.clear()
        if not await self._brought(turn, number):
            # Our turn was over and somebody else took it: of two bubbles ours loses its buttons.
            with suppress(Outage, Blocked, Gone, NotTaken):
                await self._messenger.strip(turn.chat, number)
        return True

    async def _bring(self, turn: _Turn) -> int:
        """The calls of a step; the number of the bubble that it stands in."""
        match turn.step:
            case Show(edit=edit, strip=strip, passed=passed):
                return await self._write(turn, passed, edit, strip, loud=True)
            case Tell(edit=edit, passed=passed, loud=loud):
                return await self._write(turn, passed, edit, None, loud=loud)
            case Redo(delivery=delivery, passed=passed):
                number = int(delivery.external_id or 0)
                with suppress(Gone):
                    if passed is None:
                        await self._messenger.strip(turn.chat, number)
                    else:
                        await self._messenger.edit(turn.chat, number, self._bubble(turn, passed))
                return number
            case Menu(commands=commands):
                await self._messenger.set_commands(turn.chat, commands)
                return 0

    async def _write(
        self, turn: _Turn, passed: Passed, edit: int | None, strip: int | None, *, loud: bool
    ) -> int:
        bubble = self._bubble(turn, passed)
        # Whatever the messenger has against an old bubble, it may take a new one.
        if edit is not None:
            with suppress(Gone, NotTaken):
                await self._messenger.edit(turn.chat, edit, bubble)
                return edit
        if strip is not None:
            with suppress(Gone, NotTaken):
                await self._messenger.strip(turn.chat, strip)
        return await self._messenger.send(turn.chat, bubble, loud=loud)

    def _bubble(self, turn: _Turn, passed: Passed) -> Bubble:
        try:
            return self._renders(turn.link, passed)
        except (LookupError, ValueError, TypeError) as wrong:
            # A sentence without one of its facts stays so, however often it is tried.
            keys = [screen.key for screen in passed.screens]
            log.error("bubble_unsayable", keys=keys, kind=type(wrong).__name__)
            raise NotTaken from None

    # What came of it.

    async def _brought(self, turn: _Turn, number: int) -> bool:
        """Note that it stands there; False when somebody else had noted the same of another bubble."""
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            own = await turn_of(tx, turn.link.id)
            ours = True
            told_at, menu = own.told_at, own.menu
            match turn.step:
                case Show(view=view):
                    ours = await shown(tx, view, number, now)
                case Tell() as step:
                    told_at = now
                    ours = await self._told(tx, step, number, now)
                case Redo(delivery=delivery):
                    await redone(tx, delivery, now)
                case Menu(mark=mark):
                    menu = mark
            until = None if own.until == turn.until else own.until
            newest = max(own.newest, number)
            after = replace(
                own, until=until, newest=newest, told_at=told_at, menu=menu, version=own.version + 1
            )
            await tx.save(after)
        return ours

    async def _told(self, tx: Transaction, step: Tell, number: int, now: datetime) -> bool:
        [fresh] = await tx.lock(Delivery, [step.delivery.id])
        if fresh.external_id is not None:
            return fresh.external_id == str(number)
        # What was tapped elsewhere meanwhile, or replaced it, is still to be seen in this bubble.
        changed = (
            fresh.state is DeliveryState.REPLACED or fresh.answer is not None or fresh.emptied_at is not None
        )
        state = DeliveryState.REPLACED if fresh.state is DeliveryState.REPLACED else DeliveryState.SENT
        await tx.save(
            replace(
                fresh,
                state=state,
                external_id=str(number),
                sent_at=now,
                reason=None,
                next_try_at=now if changed else None,
                tries=0,
                version=fresh.version + 1,
            )
        )
        for older in await tx.lock(Delivery, [each.id for each in step.older]):
            in_our_bubble = older.external_id == str(number)
            await tx.save(
                replace(
                    older,
                    state=DeliveryState.REPLACED,
                    external_id=None if in_our_bubble else older.external_id,
                    next_try_at=None if in_our_bubble else now,
                    version=older.version + 1,
                )
            )
        await settle(tx, self._parts.ids, fresh.message_id, now)
        return True

    async def _failed(self, turn: _Turn, outage: Outage) -> None:
        """Try again later. What may have been done all the same is done again: better twice than never."""
        now = self._parts.now()
        log.warning("messenger_failed", hint=outage.hint, step=type(turn.step).__name__)
        async with self._parts.store.transaction() as tx:
            own = await turn_of(tx, turn.link.id)
            row = await row_of(tx, turn.step)
            tries = row.tries if row is not None else 0
            asked = min(outage.retry_after, LONGEST) if outage.retry_after else None
            pause = asked or PAUSES[min(tries, len(PAUSES) - 1)]
            until = own.until
            if own.until == turn.until:
                until = now + pause if asked else None
            await tx.save(replace(own, until=until, version=own.version + 1))
            if row is not None and not is_withdrawn(row):
                again = replace(row, next_try_at=now + pause, tries=tries + 1, version=row.version + 1)
                await tx.save(again)
            if isinstance(turn.step, Tell):
                await keep_order(tx, turn.step.delivery, now + pause)
        if isinstance(turn.step, Menu):
            self._menus_at = now
        if asked:
            self._slowed.add(turn.link.id)
            if len(self._slowed) >= TOO_MANY:
                self._quiet_until = now + asked

    async def _blocked(self, turn: _Turn) -> None:
        now = self._parts.now()
        log.info("chat_blocked")
        async with self._parts.store.transaction() as tx:
            await self._release(tx, turn)
            await blocked(tx, turn.link.id, now)
            row = await row_of(tx, turn.step)
            if isinstance(row, Delivery) and row.state is DeliveryState.QUEUED:
                await self._steps.give_up(tx, row, "blocked", now)
            elif isinstance(row, Delivery):
                await tx.save(replace(row, next_try_at=None, version=row.version + 1))

    async def _not_taken(self, turn: _Turn) -> None:
        """It will never be taken: no reason to try again, and one to tell somebody."""
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            own = await self._release(tx, turn)
            row = await row_of(tx, turn.step)
            if isinstance(row, Delivery) and row.state is DeliveryState.QUEUED:
                await self._steps.give_up(tx, row, "refused", now)
            elif row is not None:
                await tx.save(replace(row, next_try_at=None, version=row.version + 1))
            if isinstance(turn.step, Menu):
                await tx.save(replace(own, menu=turn.step.mark, version=own.version + 1))

    async def _release(self, tx: Transaction, turn: _Turn) -> ChatTurn:
        own = await turn_of(tx, turn.link.id)
        if own.until != turn.until:
            return own
        own = replace(own, until=None, version=own.version + 1)
        await tx.save(own)
        return own


def _is_taken(turn: ChatTurn, now: datetime) -> bool:
    return turn.until is not None and _is_ahead(turn.until, now)


def _is_ahead(until: datetime, now: datetime) -> bool:
    """Whether something lasts still. A clock that was put back must not keep a chat waiting for so long."""
    return timedelta() < until - now <= LONGEST

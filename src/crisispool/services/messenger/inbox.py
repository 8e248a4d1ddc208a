"""What came in from the messenger and was kept: handled in order, once, whatever crashes in between."""

import asyncio
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from crisispool.conversations.vocabulary import Screen
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.messenger import InboxUpdate, LinkState, MessengerLink, UpdateState, UsedSignature
from crisispool.domain.organisation import Role
from crisispool.domain.secret import Secret
from crisispool.ports import AtLeast, AtMost, Transaction
from crisispool.services.messages import tell_role
from crisispool.services.messenger.incoming import message_of
from crisispool.services.messenger.links import Known, end_links_of_leavers, forget_chats, known
from crisispool.services.messenger.newcomers import BY_ITSELF
from crisispool.services.messenger.own_screens import WENT_WRONG
from crisispool.services.messenger.replies import Replies, Reply
from crisispool.services.messenger.views import want
from crisispool.services.parts import Parts

MOST_TRIES: Final = 5
LEASE: Final = timedelta(seconds=15)
"""How long a process may be at one update; then it counts as gone, and another one goes on with it."""

PAUSE: Final = timedelta(seconds=1)
"""Before the second try; each pause is twice the one before."""

OUTAGE_PAUSE: Final = timedelta(seconds=5)
KEPT_FOR: Final = timedelta(days=2)
"""How long it is known that something came in: the messenger sends it again for a day at most."""

KEPT_ASIDE_FOR: Final = timedelta(days=30)
FIRST_FEW: Final = 20
"""Updates that are looked at for the next one to handle, whatever else waits."""

LOOKED_AT: Final = 500
SET_ASIDE: Final = "inbox.update_set_aside"
"""What the coordinators and admins are told, with how many there are by now."""

log = structlog.get_logger(__name__)


class Inbox:
    """One process at a time is at an account, and goes in its order; accounts do not wait for each other."""

    def __init__(self, parts: Parts, replies: Replies) -> None:
        self._parts = parts
        self._replies = replies
        self._news = asyncio.Condition()
        self._woken = 0

    async def wake(self) -> None:
        """Something came in."""
        async with self._news:
            self._woken += 1
            self._news.notify_all()

    @property
    def woken(self) -> int:
        """How often something came in by this process: who looks later can tell whether it did meanwhile."""
        return self._woken

    async def rest(self, woken: int, seconds: float) -> None:
        """Until something comes in after `woken`, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self._woken != woken)

    async def work(self) -> bool:
        """Handle one update that is due; False when there is none that nobody is at. Raises Outage, Conflict."""
        update = await self._claim()
        if update is None:
            return False
        async with self._parts.store.reading() as tx:
            who = await known(tx, update.account)
        try:
            reply = Reply(None)
            if who is not None:
                async with asyncio.timeout(LEASE.total_seconds()):
                    reply = await self._replies.to(who, update)
            await self._finish(update, reply)
        except (Outage, Conflict) as away:
            log.warning("update_waits", part=away.part if isinstance(away, Outage) else away.table)
            # A part that is away is nothing against this update: the try does not count.
            await self._wait(update, update.tries - 1, OUTAGE_PAUSE)
        except Exception as error:  # noqa: BLE001  # one update must never keep the others of its account waiting
            _log(error)
            if update.tries < MOST_TRIES:
                await self._wait(update, update.tries, _pause(update.tries))
            else:
                await self._set_aside(update, who)
        return True

    async def tidy(self) -> None:
        """What was done long enough ago is forgotten, and who left is no reader any more."""
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            for state, age in ((UpdateState.DONE, KEPT_FOR), (UpdateState.SET_ASIDE, KEPT_ASIDE_FOR)):
                before = AtMost(now - age)
                old = await tx.find(InboxUpdate, state=state, received_at=before, limit=LOOKED_AT)
                await tx.remove(*old)
            await end_links_of_leavers(tx, BY_ITSELF, now)
            await forget_chats(tx, now - KEPT_ASIDE_FOR)
            await tx.remove(*await tx.find(UsedSignature, at=AtMost(now - KEPT_FOR), limit=LOOKED_AT))

    async def _claim(self) -> InboxUpdate | None:
        """The next update of some account, now this process's for as long as `LEASE`."""
        now, waiting = self._parts.now(), UpdateState.WAITING
        for most in (FIRST_FEW, LOOKED_AT):
            async with self._parts.store.reading() as tx:
                due = await tx.find(
                    InboxUpdate, state=waiting, next_try_at=AtMost(now), order=("number",), limit=most
                )
                begun = await tx.find(InboxUpdate, state=waiting, tries=AtLeast(1)) if due else []
            busy = {each.account for each in begun if not _is_due(each, now)}
            for account in dict.fromkeys(each.account for each in due if each.account not in busy):
                claimed = await self._claim_of(account, now)
                if claimed is not None:
                    return claimed
            if len(due) < most:
                break
        return None

    async def _claim_of(self, account: str, now: datetime) -> InboxUpdate | None:
        """The first that waits of this account, unless somebody is at one of them or it is not its time."""
        waiting = {"account": account, "state": UpdateState.WAITING}
        async with self._parts.store.transaction() as tx:
            # With the one that somebody may have begun with: so many do not come in before it meanwhile.
            found = await tx.find(InboxUpdate, order=("number",), limit=FIRST_FEW, **waiting)
            locked = await tx.lock(InboxUpdate, [each.id for each in found])
            rows = sorted(
                (each for each in locked if each.state is UpdateState.WAITING),
                key=lambda each: (each.number, each.id),
            )
            if not rows or not _is_due(rows[0], now) or any(r.tries and not _is_due(r, now) for r in rows):
                return None
            claimed = replace(rows[0], tries=rows[0].tries + 1, next_try_at=now + LEASE)
            await tx.save(claimed)
        return claimed

    async def _finish(self, update: InboxUpdate, reply: Reply) -> None:
        """What it led to, and that it is done, in one transaction; nothing when another process went on with it."""
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            if not await _is_ours(tx, update):
                return
            who = await known(tx, update.account)
            if who is not None:
                changed = await reply.change(tx) if reply.change else None
                screens = reply.screens if changed is None else changed
                link = await tx.get(MessengerLink, who.link.id)
                if screens is not None and link is not None and link.state is not LinkState.ENDED:
                    await want(tx, link, screens, now, last_message=message_of(update))
            if reply.settled or update.tries >= MOST_TRIES:
                await tx.save(_done(update))
            else:
                await tx.save(replace(update, next_try_at=now + _pause(update.tries)))

    async def _wait(self, update: InboxUpdate, tries: int, pause: timedelta) -> None:
        async with self._parts.store.transaction() as tx:
            if await _is_ours(tx, update):
                await tx.save(replace(update, tries=tries, next_try_at=self._parts.now() + pause))

    async def _set_aside(self, update: InboxUpdate, who: Known | None) -> None:
        """It goes wrong every time: the others of its account go on, and people hear of it."""
        now = self._parts.now()
        screens = await self._after_failure(who) if who else []
        async with self._parts.store.transaction() as tx:
            if not await _is_ours(tx, update):
                return
            await tx.save(replace(update, state=UpdateState.SET_ASIDE, next_try_at=None))
            if who is None:
                return
            await want(tx, who.link, screens, now)
            facts: dict[str, object] = {"count": len(await tx.find(InboxUpdate, state=UpdateState.SET_ASIDE))}
            about, once = ("update", update.id), f"set_aside:{update.id}"
            for role in (Role.COORDINATOR, Role.ADMIN):
                network = who.link.network_id
                await tell_role(tx, self._parts.ids, network, role, SET_ASIDE, facts, about, once, now)

    async def _after_failure(self, who: Known) -> Sequence[Screen]:
        try:
            return await self._replies.after_failure(who)
        except Exception as error:  # noqa: BLE001  # what fails may be where they are
            _log(error)
            return [WENT_WRONG]


async def _is_ours(tx: Transaction, update: InboxUpdate) -> bool:
    """Whether nobody else went on with it because this process was at it for too long."""
    found = await tx.lock(InboxUpdate, [update.id])
    return found == [update]


def _done(update: InboxUpdate) -> InboxUpdate:
    return replace(update, state=UpdateState.DONE, next_try_at=None, content=Secret(""))


def _is_due(update: InboxUpdate, now: datetime) -> bool:
    return update.next_try_at is not None and update.next_try_at <= now


def _pause(tries: int) -> timedelta:
    return PAUSE * float(2 ** (tries - 1))


def _log(error: Exception) -> None:
    """Where it went wrong, without the message, which may quote what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
    log.error("update_failed", kind=type(error).__name__, where=where)

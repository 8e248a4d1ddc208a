"""Something comes in from the messenger: kept before anybody is told so, and of a stranger nothing at all."""

from enum import StrEnum
from typing import Any, Final

import structlog

from crisispool.conversations.vocabulary import Session
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.messenger import ChatView, InboxUpdate
from crisispool.domain.record import ChatSession
from crisispool.ports import Transaction
from crisispool.services.messenger import incoming as i
from crisispool.services.messenger.blocking import heard_from
from crisispool.services.messenger.inbox import Inbox
from crisispool.services.messenger.incoming import Incoming, Opened
from crisispool.services.messenger.links import Known, account_of, known
from crisispool.services.messenger.newcomers import Stranger, come_in, could_use, digest_of
from crisispool.services.messenger.replies import COMMANDS
from crisispool.services.messenger.views import screens_of
from crisispool.services.parts import Parts

TRIES: Final = 5
"""Updates of one account that come in by several processes at the same moment."""


log = structlog.get_logger(__name__)


class Receipt(StrEnum):
    """What became of something that came in."""

    KEPT = "kept"
    AGAIN = "again"
    STRANGER = "stranger"


class Reception:
    """Takes in what came. It decides what is kept, and leaves the rest to the inbox."""

    def __init__(self, parts: Parts, inbox: Inbox) -> None:
        self._parts = parts
        self._inbox = inbox

    async def receive(self, came: Incoming, opened: Opened) -> Receipt:
        """Keep it; once this returns, nothing of it can get lost. Of a stranger nothing is kept. Raises Outage."""
        account = account_of(self._parts.vault, came.account)
        for _ in range(TRIES):
            try:
                receipt = await self._receive(came, account, opened)
            except Conflict:
                # The same update, or another one of this account, came in by another process at this moment.
                continue
            if receipt is Receipt.KEPT:
                await self._inbox.wake()
            return receipt
        raise Outage("record", "one account wrote in many processes at once")

    async def _receive(self, came: Incoming, account: str, opened: Opened) -> Receipt:
        now, digest = self._parts.now(), ""
        if came.command == "start" and came.argument:
            digest = digest_of(self._parts.vault, came.argument.reveal())
        # Strangers cost a look, never the turn of who writes.
        async with self._parts.store.reading() as tx:
            who = await known(tx, account)
            if who is None and not (digest and await could_use(tx, digest, now)):
                return Receipt.STRANGER
        async with self._parts.store.transaction() as tx:
            who = await known(tx, account)
            if who is None:
                stranger = Stranger(account, came.chat, came.language)
                link = await come_in(tx, self._parts, digest, stranger, now) if digest else None
                if link is None:
                    return Receipt.STRANGER
                who = Known(link, None)
            if await tx.get(InboxUpdate, str(came.number)) is not None:
                return Receipt.AGAIN
            content = await self._readable(tx, who, came, digest, opened)
            await tx.add(i.row_of(came.number, account, {**content, "message": came.message_id}, now))
            await heard_from(tx, who.link, now)
        return Receipt.KEPT

    async def _readable(
        self, tx: Transaction, who: Known, came: Incoming, digest: str, opened: Opened
    ) -> dict[str, Any]:
        """What is kept, whatever came: what we cannot read must not keep the rest from coming in."""
        try:
            return await self._kept(tx, who, came, digest, opened)
        except (Outage, Conflict):
            raise
        except Exception as error:  # noqa: BLE001  # it may be anything that somebody typed
            log.error("update_unread", kind=type(error).__name__)
            return {"hear": i.PROSE}

    async def _kept(
        self, tx: Transaction, who: Known, came: Incoming, digest: str, opened: Opened
    ) -> dict[str, Any]:
        if came.data is not None:
            return i.tapped(opened(who.link, came.data.reveal()))
        if digest:
            return {"hear": i.TOKEN, "digest": digest}
        if came.command:
            # What nobody knows is no command but words that somebody put a slash before.
            return {"hear": i.COMMAND, "name": came.command if came.command in COMMANDS else "help"}
        if not came.typed or who.actor is None:
            return {"hear": i.PROSE}
        row = await tx.get(ChatSession, who.actor.colleague_id)
        session = Session.from_json(row.state.reveal()) if row else Session()
        view = await tx.get(ChatView, who.link.id)
        shown = screens_of(self._parts.vault, view)[-1] if view else None
        return i.typed(came.typed.reveal(), session, shown, who.actor.language)

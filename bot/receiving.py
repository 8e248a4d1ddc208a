"""One update of Telegram: kept, its tap answered; a stranger hears one sentence. The same by webhook and by polling."""

import asyncio
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import Any, Final

from bot.buttons import choice_in
from bot.strangers import Strangers
from bot.updates import Unreadable, number_of, read_update
from crisispool.app import App
from crisispool.conversations.vocabulary import Screen
from crisispool.domain.errors import Blocked, Gone, NotTaken, Outage
from crisispool.ports import Bubble, Messenger
from crisispool.services.messenger.incoming import Incoming
from crisispool.services.messenger.reception import Receipt
from crisispool.texts.screens import shown

STRANGER: Final = Screen("bot.stranger")
MOST_ASIDE: Final = 200
"""Small answers on their way at once; beyond them a tap is not answered, and its button turns a little longer."""


class Receiver:
    """Takes updates in. `counted` under what each became; nothing else of a stranger is left anywhere."""

    def __init__(self, app: App, messenger: Messenger) -> None:
        self._app = app
        self._messenger = messenger
        self._strangers = Strangers()
        self._aside: set[asyncio.Task[None]] = set()

    async def take(self, plain: Mapping[str, object]) -> None:
        """Once this returns, the update is kept, or nothing to keep. Raises Outage, and Unreadable without a number."""
        try:
            came = read_update(plain)
        except Unreadable:
            if number_of(plain) is None:
                raise
            # Ours to mend, and the same however often it comes again: it must not keep others waiting.
            self._app.counted.update("unreadable")
            return
        if came is None:
            self._app.counted.update("ignored")
            return
        receipt = await self._app.reception.receive(came, partial(choice_in, self._app.vault))
        self._app.counted.update(receipt)
        if came.tap_id:
            self._by_the_way(self._messenger.answer_tap(came.tap_id))
        if receipt is Receipt.STRANGER:
            self._answer_stranger(came)

    async def finish(self) -> None:
        """What is on its way gets a moment."""
        if self._aside:
            await asyncio.wait(self._aside, timeout=1)
        for task in self._aside:
            task.cancel()

    def _answer_stranger(self, came: Incoming) -> None:
        if self._strangers.may_be_answered(came.account, self._app.clock.now()):
            words = shown(STRANGER, came.language).text
            self._by_the_way(self._messenger.send(came.chat, Bubble(words), loud=False))

    def _by_the_way(self, doing: Coroutine[Any, Any, object]) -> None:
        """Do it beside everything else; nobody waits for it, and nothing is lost when it fails."""
        if len(self._aside) >= MOST_ASIDE:
            doing.close()
            return
        task = asyncio.create_task(_quietly(doing))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


async def _quietly(doing: Coroutine[Any, Any, object]) -> None:
    try:
        await doing
    except (Outage, Blocked, Gone, NotTaken):
        return

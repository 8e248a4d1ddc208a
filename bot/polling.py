"""Asks Telegram what is new. The next question confirms the updates before it, so they are kept by then."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.receiving import Receiver
from bot.telegram_api import REVOKED, TelegramApi
from bot.updates import KINDS, Unreadable
from crisispool.app import App
from crisispool.domain.errors import Outage
from crisispool.services.messenger.alarms import alarm
from crisispool.services.messenger.turns import Turn

WAIT_SECONDS: Final = 5
"""How long Telegram keeps a question that has no answer yet."""

LOOK_AGAIN: Final = timedelta(seconds=2)
"""How often a process whose turn it is not looks whether it is."""

BATCH: Final = 100
MOST_TRIES: Final = 5
"""For an update that we cannot take in, for a reason of our own."""

CONFLICT: Final = "Conflict"
SLOWEST: Final = timedelta(minutes=1)

log = structlog.get_logger(__name__)


async def poll(app: App, api: TelegramApi, receiver: Receiver, stop: asyncio.Event) -> None:
    """Until told to stop. Of several processes of this set-up one asks, the others wait for its turn to lapse."""
    turn, offset, failures, asking = Turn(app.parts), 0, 0, _Asking(app, api, receiver)
    while not stop.is_set():
        pause = timedelta()
        try:
            if not await turn.is_mine():
                offset, pause = 0, LOOK_AGAIN
            else:
                offset = await asking.once(offset)
                failures = 0
        except Outage as outage:
            failures += 1
            pause = await _after(app, outage, failures)
        await _rest(stop, pause)
    with suppress(Outage):
        await turn.give_back()


class _Asking:
    """Asks, and takes in what is answered."""

    def __init__(self, app: App, api: TelegramApi, receiver: Receiver) -> None:
        self._app, self._api, self._receiver = app, api, receiver
        self._failed: Counter[int] = Counter()

    async def once(self, offset: int) -> int:
        """One question; the number from which on the next one asks. Raises Outage."""
        updates = await self._api.updates(offset, BATCH, WAIT_SECONDS, KINDS)
        for update in updates:
            await self._take(update)
            offset = max(offset, update["update_id"] + 1)
        # All before is confirmed. After a quiet week Telegram begins anew with any number, also a lower one.
        return offset if updates else 0

    async def _take(self, update: Any) -> None:
        try:
            await self._receiver.take(update)
        except Outage:
            raise
        except Unreadable:
            return
        except Exception as error:  # noqa: BLE001  # it may be anything that somebody sent
            self._failed[update["update_id"]] += 1
            log.error("update_not_taken", kind=type(error).__name__)
            if self._failed[update["update_id"]] < MOST_TRIES:
                raise Outage("messenger", "not taken") from None
            # One of them must not keep everybody else's from coming in; that it did not is an alarm.
            await alarm(self._app.parts, "update_dropped")


async def _after(app: App, outage: Outage, failures: int) -> timedelta:
    """How long to leave Telegram alone; what does not pass by itself is an alarm."""
    log.warning("polling_failed", part=outage.part, hint=outage.hint)
    known = {REVOKED: "bot_revoked", CONFLICT: "bot_elsewhere"}.get(outage.hint)
    if known is not None:
        with suppress(Outage):
            await alarm(app.parts, known)
        return SLOWEST
    growing = timedelta(seconds=min(2.0 ** min(failures, 6), SLOWEST.total_seconds()))
    return max(outage.retry_after or timedelta(), growing)


async def _rest(stop: asyncio.Event, pause: timedelta) -> None:
    if pause:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await stop.wait()

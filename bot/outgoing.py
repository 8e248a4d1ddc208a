"""The loop that brings everything to the chats: what talks show and what people are told."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from bot.rendering import OpensPage, bubble_of, outside
from crisispool.app import App
from crisispool.domain.errors import Outage
from crisispool.ports import Messenger
from crisispool.services.messenger.sending import Sending

EVERY_SECONDS: Final = 0.5
"""How often it looks by itself: another process may have written what is due."""

log = structlog.get_logger(__name__)


async def deliver(
    app: App,
    messenger: Messenger,
    stop: asyncio.Event,
    *,
    wake: asyncio.Event | None = None,
    opens: OpensPage = outside,
) -> None:
    """Hand out and bring what is due, until told to stop. `wake`: set by whoever in this process wrote something."""
    sending = Sending(app.parts, messenger, partial(bubble_of, app.vault, opens=opens), app.gateway)
    wake = wake or asyncio.Event()
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            wake.clear()
            try:
                await app.clock.refresh()
                now = app.clock.now()
                await app.handing_out.run(now)
                for chat in await sending.begin(now):
                    chat.add_done_callback(_look_at)
            except Exception as error:  # noqa: BLE001  # the loop goes on, whatever one round met
                _say(error)
            waking = asyncio.create_task(wake.wait())
            await asyncio.wait({stopping, waking}, timeout=EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waking.cancel()
            with suppress(asyncio.CancelledError):
                await waking
        await sending.finish()
    finally:
        stopping.cancel()
        await sending.stop()


def _look_at(chat: asyncio.Task[int]) -> None:
    """What broke in one chat is said, and begun again in the next round."""
    error = None if chat.cancelled() else chat.exception()
    if error is not None:
        _say(error)


def _say(error: BaseException) -> None:
    if isinstance(error, Outage):
        log.warning("delivering_failed", part=error.part, hint=error.hint)
    else:
        log.error("delivering_failed", kind=type(error).__name__)

"""The bot of this process: every loop of it, started together and stopped cleanly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from bot.outgoing import deliver
from bot.pages import page_button
from bot.polling import poll
from bot.receiving import Receiver
from bot.telegram_api import REVOKED, TelegramApi, translated
from bot.updates import KINDS
from bot.webhook import PATH, secret_of
from crisispool.app import App
from crisispool.domain.errors import Conflict, Outage
from crisispool.services.messenger.alarms import alarm
from crisispool.services.messenger.invitations import remember_bot

AT_ONCE: Final = 4
"""Accounts that are answered beside each other."""

LOOK_SECONDS: Final = 1.0
"""How often what came in by another process is looked for."""

TIDY_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 10.0
STOP_SECONDS: Final = 3.0
"""How long the loops get to finish what they are at; what is cut is done by the next process."""

Work = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running_bot(app: App, api: TelegramApi, receiver: Receiver) -> AsyncIterator[None]:
    """What comes in is taken and handled, what is due is brought, until the end of the block."""
    stop, wrote = asyncio.Event(), asyncio.Event()
    loops: list[Work] = [
        lambda: _come_in(app, api, receiver, stop),
        *(lambda: _handle(app, wrote, stop) for _ in range(AT_ONCE)),
        lambda: _tidy(app, stop),
        lambda: deliver(app, api, stop, wake=wrote, opens=page_button(app.settings)),
    ]
    tasks = [asyncio.create_task(_kept_up(loop, stop)) for loop in loops]
    # Whatever changed may have made a message: who waits for it does not wait for the next round.
    listening = asyncio.create_task(app.bell.listen(wrote.set)) if app.bell else None
    try:
        yield
    finally:
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        stop.set()
        wrote.set()
        await app.inbox.wake()
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await receiver.finish()


async def _kept_up(loop: Work, stop: asyncio.Event) -> None:
    """A loop that broke is begun again: nothing of it is in memory, all it works on is in the record."""
    while not stop.is_set():
        try:
            await loop()
        except Outage as outage:
            log.warning("bot_waits", part=outage.part, hint=outage.hint)
        except Exception as error:  # noqa: BLE001  # the bot goes on, whatever one round met
            log.error("bot_broke", kind=type(error).__name__)
        await _rest(stop, LOOK_SECONDS)


async def _come_in(app: App, api: TelegramApi, receiver: Receiver, stop: asyncio.Event) -> None:
    """Telegram is told how we want its updates; then it is asked for them, unless it brings them itself."""
    while not stop.is_set():
        try:
            await _introduce(app, api)
            break
        except Outage as outage:
            log.warning("bot_waits", part=outage.part, hint=outage.hint)
            if outage.hint == REVOKED:
                await alarm(app.parts, "bot_revoked")
            await _rest(stop, AGAIN_SECONDS)
    if app.settings.telegram_webhook:
        await stop.wait()
    else:
        await poll(app, api, receiver, stop)


async def _introduce(app: App, api: TelegramApi) -> None:
    settings = app.settings
    name = await api.name()
    async with translated():
        if settings.telegram_webhook:
            await api.bot.set_webhook(
                settings.public_url + PATH,
                secret_token=secret_of(app.vault, settings.telegram_token or ""),
                allowed_updates=list(KINDS),
            )
        else:
            await api.bot.delete_webhook()
    await remember_bot(app.store, name)


async def _handle(app: App, wrote: asyncio.Event, stop: asyncio.Event) -> None:
    while not stop.is_set():
        woken = app.inbox.woken
        await app.clock.refresh()
        with suppress(Conflict):
            while not stop.is_set() and await app.inbox.work():
                wrote.set()
        if not stop.is_set():
            await app.inbox.rest(woken, LOOK_SECONDS)


async def _tidy(app: App, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await app.inbox.tidy()
        await _rest(stop, TIDY_SECONDS)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()

"""Asking Telegram what is new: whatever comes, the rest comes in, and nothing of it stands in a log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.polling import poll
from bot.receiving import Receiver
from bot.telegram_api import TelegramApi
from crisispool.app import App
from tests.support.bot_api import BotApi


@asynccontextmanager
async def polling(app: App, api: BotApi) -> AsyncIterator[None]:
    """Somebody asks, to the end of the block."""
    stop = asyncio.Event()
    async with TelegramApi(api.token, api.url) as telegram:
        receiver = Receiver(app, telegram)
        asking = asyncio.create_task(poll(app, telegram, receiver, stop))
        yield
        stop.set()
        api.says_that_nothing_is_new()
        await asyncio.wait_for(asking, 10)
        await receiver.finish()


async def test_what_the_library_cannot_read_keeps_nothing_from_coming_in_and_stands_in_no_log(
    app: App, api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = api.person("stranger")
    async with polling(app, api):
        stranger.sends(text="Canary-Vandamme", contact={"of a later": "kind"})
        stranger.types("en nog iets")
        await asyncio.to_thread(api.until, lambda: api.waiting() == 0)
    assert 'became="stranger"} 2.0' in app.counted.text().decode()
    assert "Canary" not in caplog.text
    stranger.reads()


async def test_after_a_quiet_week_telegram_may_begin_with_a_lower_number(app: App, api: BotApi) -> None:
    stranger = api.person("stranger")
    async with polling(app, api):
        stranger.types("voor de stille week")
        await asyncio.to_thread(api.until, lambda: api.waiting() == 0)
        asked = api.polls
        api.says_that_nothing_is_new()
        await asyncio.to_thread(api.until, lambda: api.polls > asked)
        api.begins_anew(1_000)
        stranger.types("en daarna")
        await asyncio.to_thread(api.until, lambda: api.waiting() == 0)
    assert 'became="stranger"} 2.0' in app.counted.text().decode()
    stranger.reads()

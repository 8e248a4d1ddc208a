"""Asking Telegram what is new: whatever comes, the rest comes in, and nothing of it stands in a log."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.polling import poll
from bot.receiving import Receiver
from bot.telegram_api import TelegramApi
from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App, assemble
from crisispool.settings import Settings
from tests.support.bot_api import BotApi
from tests.support.clock import SteppingClock
from tests.support.night import local
from tests.support.region import load_region


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=10) as served:
        yield served


@pytest.fixture
async def app(store: SqlStore, keys: Keys, live_pool: RedisPool, api: BotApi, tmp_path: Path) -> App:
    await load_region(store)
    settings = Settings.from_env(
        {
            "CRISISPOOL_DATA_DIR": str(tmp_path),
            "CRISISPOOL_TELEGRAM_TOKEN": api.token,
            "CRISISPOOL_TELEGRAM_API_URL": api.url,
        }
    )
    return assemble(settings, store, live_pool, SteppingClock(local("2026-11-28 02:04")), keys)


@asynccontextmanager
async def polling(app: App, api: BotApi) -> AsyncIterator[None]:
    """Somebody asks, to the end of the block."""
    stop = asyncio.Event()
    async with TelegramApi(api.token, api.url) as telegram:
        receiver = Receiver(app, telegram)
        asking = asyncio.create_task(poll(app, telegram, receiver, stop))
        yield
        stop.set()
        api.wake()
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
        await asyncio.to_thread(api.until, lambda: api.polls > asked)
        api.begins_anew(1_000)
        stranger.types("en daarna")
        await asyncio.to_thread(api.until, lambda: api.waiting() == 0)
    assert 'became="stranger"} 2.0' in app.counted.text().decode()
    stranger.reads()

"""The loop of the bot: a message that is told is in the chat a moment later, whatever a round met."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.outgoing import deliver
from bot.telegram_api import TelegramApi
from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App, assemble
from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.secret import Secret
from crisispool.services.messages import tell
from crisispool.settings import Settings
from tests.support.bot_api import BotApi
from tests.support.bot_api_chats import Person
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


async def told(app: App, mark: str) -> None:
    facts = {"reference": "IZ-7F3K"}
    async with app.store.transaction() as tx:
        recipient, about = ("colleague", "calltaker"), ("booking", mark)
        key, now = "message.arrival_question", app.clock.now()
        await tell(tx, app.ids, "net", recipient, key, facts, about, mark, now, urgent=True)


async def reads(app: App, person: Person) -> None:
    """Time goes on until it is there."""
    assert isinstance(app.clock, SteppingClock)
    reading = asyncio.create_task(asyncio.to_thread(person.gets, "zijn ze binnen"))
    while not reading.done():
        app.clock.advance(timedelta(seconds=1))
        await asyncio.wait({reading}, timeout=0.1)
    await reading


async def test_what_is_told_is_in_the_chat_a_moment_later(app: App, api: BotApi) -> None:
    calltaker = api.person("calltaker")
    calltaker.starts()
    chat = Secret(str(calltaker.number))
    link = MessengerLink("l", "net", "a", chat, LinkState.ACTIVE, "nl", app.clock.now(), "calltaker")
    async with app.store.transaction() as tx:
        await tx.add(link)
    stop, wake = asyncio.Event(), asyncio.Event()
    async with TelegramApi(api.token, api.url) as telegram:
        loop = asyncio.create_task(deliver(app, telegram, stop, wake=wake))
        with api.outage():
            await told(app, "first")
            wake.set()
            await asyncio.to_thread(api.until, lambda: any(call.status == 502 for call in api.calls))
        await reads(app, calltaker)
        await told(app, "second")
        wake.set()
        await reads(app, calltaker)
        assert not loop.done()
        stop.set()
        await asyncio.wait_for(loop, 5)

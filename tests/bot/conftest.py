"""Here the bot runs in this process: over a real record and a real live pool, against the Bot API emulation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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

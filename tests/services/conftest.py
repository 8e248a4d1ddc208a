"""Here the services run over a real record and a real live pool, in a small region."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crisispool.adapters.absent_pool import AbsentPool
from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.adapters.sql_store import SqlStore
from tests.support.databases import keys_for_tests
from tests.support.night import Night
from tests.support.region import load_region


@pytest.fixture(scope="session")
def region_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small region in it, to copy from."""
    path = tmp_path_factory.mktemp("region") / "region.db"
    shutil.copyfile(migrated_sqlite, path)

    async def fill() -> None:
        store = SqlStore(make_engine(at_sqlite(path)), keys_for_tests())
        await load_region(store)
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def night(
    region_sqlite: Path, tmp_path: Path, keys: Keys, live_pool: RedisPool
) -> AsyncIterator[Night]:
    """Saturday 28 November 2026, 02:04, everything free."""
    path = tmp_path / "night.db"
    shutil.copyfile(region_sqlite, path)
    made = Night(path, keys, live_pool)
    await made.app.view.rebuild(made.clock.now())
    yield made
    await made.close()


@pytest.fixture
async def without_redis(region_sqlite: Path, tmp_path: Path, keys: Keys) -> AsyncIterator[Night]:
    """The same night with the live view away."""
    path = tmp_path / "night.db"
    shutil.copyfile(region_sqlite, path)
    made = Night(path, keys, AbsentPool("stopped by the test"))
    yield made
    await made.close()

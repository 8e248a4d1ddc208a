"""Here the services run over a real record and a real live pool, in a small region."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.audited import ACTIONS
from tests.support.clock import SteppingClock
from tests.support.databases import keys_for_tests
from tests.support.mail_server import MailServer
from tests.support.night import Night, local
from tests.support.post import Post
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


PROCESSES = 4
"""How many stores over one record a test can have."""


@pytest.fixture(scope="session")
def kept_engines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[AsyncEngine]]:
    """Engines that go from test to test, because each has to learn all statements; and the file they open."""
    path = tmp_path_factory.mktemp("night") / "night.db"
    return path, [make_engine(at_sqlite(path)) for _ in range(PROCESSES)]


@pytest.fixture
async def engines(
    region_sqlite: Path, kept_engines: tuple[Path, list[AsyncEngine]]
) -> AsyncIterator[list[AsyncEngine]]:
    """A fresh record with the small region in it, seen by several processes."""
    path, engines = kept_engines
    shutil.copyfile(region_sqlite, path)
    yield engines
    async with engines[0].connect() as connection:
        actions = {
            action
            for (action,) in await connection.run_sync(
                Connection.execute, text("SELECT DISTINCT action FROM audit_entries")
            )
        }
    for engine in engines:
        await engine.dispose()
    assert actions <= ACTIONS, "an action that was written has no place and no words in domain/audited.py"
    for name in (path, *path.parent.glob(f"{path.name}-*")):
        name.unlink()


@pytest.fixture
async def night(engines: list[AsyncEngine], keys: Keys, live_pool: RedisPool) -> Night:
    """Saturday 28 November 2026, 02:04, everything free."""
    made = Night(engines, keys, live_pool, SteppingClock(local("2026-11-28 02:04")))
    await made.app.view.rebuild(made.clock.now())
    return made


@pytest.fixture
async def without_redis(engines: list[AsyncEngine], keys: Keys, tmp_path: Path) -> AsyncIterator[Night]:
    """The same night with the live view away."""
    pool = RedisPool(connect(tmp_path / "nobody"), "tests")
    yield Night(engines, keys, pool, SteppingClock(local("2026-11-28 02:04")))
    await pool.close()


@pytest.fixture
async def post(night: Night) -> AsyncIterator[Post]:
    """The same night with a mail server."""
    server = MailServer()
    await server.start()
    made = Post(night, server)
    await made.open()
    yield made
    await made.close()
    await server.stop()

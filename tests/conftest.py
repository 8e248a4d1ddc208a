"""Fixtures for every test: a record of its own, on SQLite."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from tests.support.databases import keys_for_tests, postgres, sqlite_copy, sqlite_template  # noqa: F401
from tests.support.live_pool import live_pool, redis_socket  # noqa: F401


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in them, to copy from."""
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def keys() -> Keys:
    return keys_for_tests()


@pytest.fixture
async def engine(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = make_engine(sqlite_copy(migrated_sqlite, tmp_path))
    yield made
    await made.dispose()


@pytest.fixture
def store(engine: AsyncEngine, keys: Keys) -> SqlStore:
    """The record of this test."""
    return SqlStore(engine, keys)

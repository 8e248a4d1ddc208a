"""Here a record is tried on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from tests.support.databases import postgres_copy, sqlite_copy


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path: Path) -> str:
    """The address of an empty record, on each database in turn."""
    if request.param == "sqlite":
        return sqlite_copy(migrated_sqlite, tmp_path)
    return postgres_copy(request.getfixturevalue("postgres"))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
async def postgres_away(keys: Keys, tmp_path: Path) -> AsyncIterator[SqlStore]:
    """A record whose server is not there."""
    made = make_engine(f"postgresql+asyncpg://postgres@/record?host={tmp_path}")
    yield SqlStore(made, keys)
    await made.dispose()

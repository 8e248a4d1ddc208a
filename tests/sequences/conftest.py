"""Stages for sequences: a record on each database that is made fresh in milliseconds."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.adapters.sql_tables import METADATA
from crisispool.domain.unit import Unit, UnitKind, UnitNetwork, UnitSource
from tests.sequences.playing import ROTA, Stage
from tests.support.databases import keys_for_tests, postgres_copy
from tests.support.postgres import PostgresServer
from tests.support.region import IZEGEM, load_region


async def _fill(store: SqlStore) -> None:
    await load_region(store)
    async with store.transaction() as tx:
        unit = Unit(ROTA, "ocmw_izegem", IZEGEM, "Beurt", UnitKind.CRISIS_ROOM, UnitSource.ROTA, 2)
        await tx.add(unit, UnitNetwork(f"net:{ROTA}", ROTA, "net"))


@pytest.fixture
async def empty_view(redis_socket: Path) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Forget the live view; versions of an earlier sequence would hide those of the next."""
    client = connect(redis_socket)

    async def forget() -> None:
        await client.flushall()

    yield forget
    await client.aclose()


@pytest.fixture
async def on_sqlite(
    migrated_sqlite: Path, tmp_path: Path, live_pool: RedisPool, empty_view: Callable[[], Awaitable[None]]
) -> AsyncIterator[Stage]:
    """A stage whose record is a SQLite file, copied anew for each sequence."""
    filled, path = tmp_path / "filled.db", tmp_path / "record.db"
    shutil.copyfile(migrated_sqlite, filled)
    await _fill(store := SqlStore(make_engine(at_sqlite(filled)), keys_for_tests()))
    await store.close()
    engine = make_engine(at_sqlite(path))

    async def fresh() -> None:
        await empty_view()
        await engine.dispose()
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()
        shutil.copyfile(filled, path)

    yield Stage(engine, live_pool, fresh)
    await engine.dispose()


@pytest.fixture
async def on_postgres(
    postgres: PostgresServer, live_pool: RedisPool, empty_view: Callable[[], Awaitable[None]]
) -> AsyncIterator[Stage]:
    """A stage whose record is a PostgreSQL database; every table is put back from a copy beside it."""
    engine = make_engine(await asyncio.to_thread(postgres_copy, postgres))
    await _fill(SqlStore(engine, keys_for_tests()))
    await _keep_a_copy(engine)
    names = [table.name for table in METADATA.sorted_tables]
    back = [f"DELETE FROM {name}" for name in names]  # noqa: S608  # names of our own tables
    back += [f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in names]  # noqa: S608
    script = ";".join(["BEGIN", "SET LOCAL session_replication_role = replica", *back, "COMMIT"])

    async def fresh() -> None:
        await empty_view()
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection
            await raw.driver_connection.execute(script)

    yield Stage(engine, live_pool, fresh)
    await engine.dispose()


async def _keep_a_copy(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Connection.execute, text("CREATE SCHEMA kept"))
        for table in METADATA.sorted_tables:
            copy = f"CREATE TABLE kept.{table.name} AS SELECT * FROM {table.name}"  # noqa: S608
            await connection.run_sync(Connection.execute, text(copy))

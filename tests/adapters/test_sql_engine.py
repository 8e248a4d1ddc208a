"""The databases are set so that nothing acknowledged is lost; their tables are what the program expects."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.sql_engine import READING, at_sqlite, check_schema, make_engine, migrate, upgrade
from crisispool.adapters.sql_tables import METADATA
from crisispool.adapters.sqlite_dialect import opened
from crisispool.domain.errors import Outage
from tests.support.databases import postgres_copy, postgres_empty
from tests.support.postgres import PostgresServer


async def said_by(engine: AsyncEngine, ask: Callable[[Connection], Any]) -> Any:
    async with engine.connect() as connection:
        return await connection.run_sync(ask)


@pytest.fixture
async def earlier(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> AsyncIterator[AsyncEngine]:
    """A record that went through every migration there ever was, on each database in turn."""
    if database_url.startswith("postgresql"):
        url = await asyncio.to_thread(postgres_empty, request.getfixturevalue("postgres"))
    else:
        url = at_sqlite(tmp_path / "earlier.db")
    made = make_engine(url)
    async with made.begin() as connection:
        await connection.run_sync(upgrade, "head")
    yield made
    await made.dispose()


async def test_alembic_finds_no_difference_between_the_migrations_and_the_tables(
    earlier: AsyncEngine,
) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))

    assert await said_by(earlier, differences) == [], (
        "a changed table needs a new file in migrations/versions"
    )


def _with_condition(index: Any) -> dict[str, Any]:
    options = index.get("dialect_options", {})
    return {**index, "dialect_options": {name: str(value) for name, value in options.items()}}


def described(connection: Connection) -> dict[str, Any]:
    """All that the database itself says of its tables, checks and conditions included."""
    inspector = inspect(connection)

    def by_name(found: list[Any]) -> list[dict[str, str]]:
        plain = [{name: str(value) for name, value in one.items()} for one in found]
        return sorted(plain, key=lambda one: one["name"])

    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)],
            "key": inspector.get_pk_constraint(table),
            "links": by_name(inspector.get_foreign_keys(table)),
            "unique": by_name(inspector.get_unique_constraints(table)),
            "checks": by_name(inspector.get_check_constraints(table)),
            "indexes": by_name([_with_condition(index) for index in inspector.get_indexes(table)]),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def rows(connection: Connection) -> dict[str, list[Any]]:
    """What stands in each table."""
    return {name: list(connection.execute(each.select())) for name, each in METADATA.tables.items()}


async def test_a_new_record_is_in_every_rule_as_one_that_went_through_all_migrations(
    engine: AsyncEngine, earlier: AsyncEngine
) -> None:
    new = await said_by(engine, described)
    assert len(new) == len(METADATA.tables)
    assert await said_by(earlier, described) == new
    assert await said_by(engine, rows) == await said_by(earlier, rows)
    await check_schema(engine)
    await check_schema(earlier)


async def test_migrating_twice_changes_nothing(engine: AsyncEngine) -> None:
    before = await said_by(engine, described)
    await migrate(engine)
    await check_schema(engine)
    assert await said_by(engine, described) == before


async def test_two_that_start_together_migrate_once(tmp_path: Path) -> None:
    engines = [make_engine(at_sqlite(tmp_path / "new.db")) for _ in range(2)]
    await asyncio.gather(*(migrate(engine) for engine in engines))
    for engine in engines:
        await check_schema(engine)
        await engine.dispose()


async def test_four_that_open_a_new_file_in_the_same_instant_all_get_in(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def mode(path: Path) -> str:
        together.wait()
        with closing(opened(str(path), 10)) as connection:
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])

    # One round in three went wrong where nobody asked a second time.
    for turn in range(25):
        path = tmp_path / f"{turn}.db"
        assert await asyncio.gather(*(asyncio.to_thread(mode, path) for _ in range(4))) == ["wal"] * 4


async def test_a_database_of_a_newer_program_is_refused(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Connection.execute, text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Outage, match="newer than this program"):
        await migrate(engine)
    with pytest.raises(Outage, match="newer than this program"):
        await check_schema(engine)


async def test_a_database_without_tables_is_older_than_the_program(tmp_path: Path) -> None:
    engine = make_engine(at_sqlite(tmp_path / "empty.db"))
    with pytest.raises(Outage, match="older than this program"):
        await check_schema(engine)
    await engine.dispose()


async def test_a_folder_that_is_not_there_is_an_outage(tmp_path: Path) -> None:
    engine = make_engine(at_sqlite(tmp_path / "nowhere" / "record.db"))
    with pytest.raises(Outage) as failed:
        await migrate(engine)
    assert failed.value.part == "record"
    await engine.dispose()


async def test_every_connection_to_sqlite_is_durable_and_keeps_the_rules(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    engine = make_engine(at_sqlite(tmp_path / "new.db"))
    await migrate(engine)
    async with (
        engine.connect() as first,
        engine.execution_options(**READING[engine.dialect.name]).connect() as second,
    ):
        for connection in (first, second):
            said = {
                name: (await connection.run_sync(Connection.execute, text(f"PRAGMA {name}"))).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
            }
            assert said == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 10_000,
                "secure_delete": 1,
            }
    await engine.dispose()


async def test_only_the_commit_of_sqlite_leaves_the_loop_because_it_waits_for_the_disk(
    tmp_path: Path,
) -> None:
    engine = make_engine(at_sqlite(tmp_path / "new.db"))
    await migrate(engine)
    ran: dict[str, int] = {}

    @event.listens_for(engine.sync_engine, "connect")
    def listen(raw: Any, _: object) -> None:
        raw.set_trace_callback(lambda statement: ran.update({statement: threading.get_ident()}))

    async with engine.begin() as connection:
        await connection.run_sync(Connection.execute, text("DELETE FROM alembic_version"))
    await engine.dispose()
    here = threading.get_ident()
    assert (ran["BEGIN IMMEDIATE"], ran["DELETE FROM alembic_version"]) == (here, here)
    assert ran["COMMIT"] != here


async def test_a_migration_that_is_cut_leaves_no_connection_that_looks_at_no_references(
    migrated_sqlite: Path,
) -> None:
    engine = make_engine(at_sqlite(migrated_sqlite))
    taken = asyncio.Event()
    event.listen(engine.sync_engine, "checkout", lambda *_: taken.set())
    bringing = asyncio.create_task(migrate(engine))
    await taken.wait()
    bringing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bringing
    async with engine.connect() as connection:
        assert (await connection.run_sync(Connection.execute, text("PRAGMA foreign_keys"))).scalar() == 1
    await engine.dispose()


@pytest.mark.postgres
async def test_connections_that_postgresql_closed_are_replaced_before_anybody_meets_them(
    postgres: PostgresServer,
) -> None:
    url = await asyncio.to_thread(postgres_copy, postgres)
    engine, other = make_engine(url), make_engine(url)

    async def ask(_: int) -> object:
        async with engine.connect() as connection:
            return (await connection.run_sync(Connection.execute, text("SELECT pg_backend_pid()"))).scalar()

    before = set(await asyncio.gather(*map(ask, range(5))))
    everybody_else = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with other.connect() as connection:
        await connection.run_sync(
            Connection.execute, text(f"SELECT pg_terminate_backend(pid, 5000) {everybody_else}")
        )
    assert before.isdisjoint(await asyncio.gather(*map(ask, range(5))))
    await engine.dispose()
    await other.dispose()

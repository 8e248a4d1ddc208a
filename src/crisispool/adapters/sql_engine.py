"""The connection to the record: how SQLite and PostgreSQL are set, and bringing the tables up to date."""

import json
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util.concurrency import await_

from crisispool.adapters.sql_errors import outages
from crisispool.adapters.sql_tables import METADATA
from crisispool.adapters.sqlite_dialect import DRIVER, aside, opened
from crisispool.domain.errors import Outage

READING: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {"isolation_level": "DEFERRED"},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a connection that will not write, by the name of the dialect: a snapshot that stays."""

BUSY_SECONDS: Final = 10
"""How long anybody waits for a lock before it is an outage."""

STATEMENTS: Final = 2000
"""How many statements a connection keeps ready."""

TURN_SECONDS: Final = 30
"""How long anybody stands in line for a connection: that many ask at once is not an outage."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_MIGRATION_LOCK: Final = 0x63726973


def make_engine(url: str) -> AsyncEngine:
    """An engine for ``sqlite:///path`` or ``postgresql+asyncpg://…``. It connects at first use."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgresql(url)


def at_sqlite(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _sqlite(url: str) -> AsyncEngine:
    path = make_url(url).database or ""
    return create_async_engine(
        make_url(url).set(drivername=DRIVER),
        creator=lambda: await_(aside(opened, path, BUSY_SECONDS, STATEMENTS)),
        json_serializer=_json,
        # Parameters are what people told us: they stay out of error texts.
        hide_parameters=True,
        # One writes and the others read; more only get in each other's way.
        pool_size=8,
        max_overflow=0,
        pool_timeout=TURN_SECONDS,
    )


def _postgresql(url: str) -> AsyncEngine:
    engine = create_async_engine(
        url,
        json_serializer=_json,
        hide_parameters=True,
        # Kept, not made anew for each rush: a new connection knows no statement yet.
        pool_size=20,
        max_overflow=0,
        pool_timeout=TURN_SECONDS,
        pool_recycle=1800,
        connect_args={
            # All that the program ever asks; by itself it keeps 100, and has the server read each other one anew.
            "prepared_statement_cache_size": STATEMENTS,
            "timeout": BUSY_SECONDS,
            "command_timeout": 30,
            "server_settings": {
                "application_name": "crisispool",
                "timezone": "UTC",
                "lock_timeout": f"{BUSY_SECONDS}s",
                "idle_in_transaction_session_timeout": "60s",
                # An acknowledged booking survives a crash, whatever the server's own default.
                "synchronous_commit": "on",
            },
        },
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def replace_closed(
        connection: DBAPIConnection, _: ConnectionPoolEntry, __: PoolProxiedConnection
    ) -> None:
        # The driver notices at once when the server hangs up: asking the server each time is three more questions.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine


async def migrate(engine: AsyncEngine) -> None:
    """Bring the tables up to date, wholly or not at all; processes that start together wait for each other.

    An empty database is given the tables as they are now; any other goes through the migrations it has not had.

    Errors: `Outage("record")` when the database was made by a newer version of this program.
    """
    sqlite = engine.dialect.name == "sqlite"
    with outages():
        async with engine.connect() as connection:
            try:
                if sqlite:
                    # SQLite changes a table by copying it; the setting is ignored once a transaction runs.
                    await _pragma(connection, "foreign_keys=OFF")
                async with connection.begin():
                    if not sqlite:
                        lock = text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
                        await connection.run_sync(Connection.execute, lock)
                    await connection.run_sync(_upgrade)
                    if sqlite and await connection.run_sync(_refers_to_nothing):
                        raise Outage("record", "after the migration a row refers to one that is not there")
            finally:
                if sqlite:
                    # However this ended, nobody is given a connection that looks at no references.
                    await connection.invalidate()


async def check_schema(engine: AsyncEngine) -> None:
    """Errors: `Outage("record")` when the tables are older or newer than this program."""
    with outages():
        async with engine.execution_options(**READING[engine.dialect.name]).connect() as connection:
            revision = await connection.run_sync(_revision)
    if revision != _scripts().get_current_head():
        raise Outage(
            "record", "the tables are older than this program: start the service once to migrate them"
        )


async def _pragma(connection: Any, pragma: str) -> None:
    raw = await connection.get_raw_connection()
    raw.driver_connection.execute(f"PRAGMA {pragma}")


def _refers_to_nothing(connection: Connection) -> bool:
    return connection.execute(text("PRAGMA foreign_key_check")).first() is not None


def _upgrade(connection: Connection) -> None:
    revision, head = _revision(connection), _scripts().get_current_head()
    if revision is None and not inspect(connection).get_table_names():
        METADATA.create_all(connection)
        MigrationContext.configure(connection).stamp(_scripts(), "head")
    elif revision != head:
        upgrade(connection, "head")


def upgrade(connection: Connection, revision: str) -> None:
    """Take the migrations up to this revision, in the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    """Where the tables are: None before the first migration."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise Outage(
            "record",
            f"the database is newer than this program (revision {revision}): install the newer version",
        )
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())

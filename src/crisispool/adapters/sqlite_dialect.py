"""SQLite for SQLAlchemy's asyncio side: a statement runs at once, where it is asked.

Only what waits for others goes to a thread: opening the file, the begin of a unit of work that writes while another
process still does, and the commit, which waits for the disk. SQLAlchemy's own dialect for asyncio takes four turns of
the loop for each statement, and aiosqlite below it five of a thread: four fifths of all the time that the record took.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any, Final, TypeVar

from sqlalchemy import URL
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import await_

DRIVER: Final = "sqlite+at_once"
"""How an address names this dialect."""

_PRAGMAS: Final = (
    "synchronous=FULL",
    "foreign_keys=ON",
    # What is erased is overwritten, so that it cannot be read from the file.
    "secure_delete=ON",
)

T = TypeVar("T")


class SqliteConnection(sqlite3.Connection):
    """A connection on which a unit of work begins before its first statement.

    The driver's own transactions begin with the first change, which is too late: they lose updates silently.
    """

    begins = "IMMEDIATE"
    patience = 0.0
    """Seconds to wait for another that uses the file."""

    def begin_at_once(self) -> bool:
        """Begin a unit of work that writes; False when another process is in one."""
        self.execute("PRAGMA busy_timeout=0")
        try:
            self.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
        finally:
            self.execute(f"PRAGMA busy_timeout={int(self.patience * 1000)}")
        return True


class SqliteDialect(SQLiteDialect_pysqlite):
    """The dialect of Python's own sqlite3, waiting where it waits the way that asyncio does.

    An `AsyncConnection.execute` wants to wait for each statement: ask through `run_sync`.
    """

    driver = "at_once"
    is_async = True
    supports_statement_cache = True

    def get_isolation_level_values(self, dbapi_conn: Any) -> Sequence[Any]:
        """Whether a unit of work only reads, or writes and is the one that does."""
        return ["DEFERRED", "IMMEDIATE"]

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """How the next unit of work begins."""
        return dbapi_connection.begins

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """The next unit of work begins like this."""
        dbapi_connection.begins = level

    @classmethod
    def get_pool_class(cls, url: URL) -> type[AsyncAdaptedQueuePool]:
        """Connections are waited for as asyncio waits."""
        return AsyncAdaptedQueuePool

    def do_begin(self, dbapi_connection: Any) -> None:
        """One that writes waits until no other does; one that reads waits for nobody."""
        if dbapi_connection.begins == "DEFERRED":
            dbapi_connection.execute("BEGIN DEFERRED")
        elif not dbapi_connection.begin_at_once():
            await_(aside(dbapi_connection.execute, "BEGIN IMMEDIATE"))

    def do_commit(self, dbapi_connection: Any) -> None:
        """Make it last: that waits for the disk."""
        await_(aside(dbapi_connection.commit))


registry.register(DRIVER.replace("+", "."), __name__, SqliteDialect.__name__)


async def aside(do: Callable[..., T], *arguments: object) -> T:
    """What this does in a thread of its own, which keeps no program from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def say(how: Callable[[Any], None], what: object) -> None:
        if not done.done():
            how(what)

    def run() -> None:
        said: tuple[Callable[[Any], None], object]
        try:
            said = done.set_result, do(*arguments)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is raised where it is waited for
            said = done.set_exception, error
        # A loop that is closed has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(say, *said)

    Thread(target=run, daemon=True).start()
    return await done


def opened(path: str, patience: float, statements: int = 128) -> SqliteConnection:
    """The file at this path, opened so that readers and a writer do not wait for each other.

    A file that is new, or put back from a copy, is turned into such a file first. Who finds another at that very
    step is told "locked" at once, whatever patience was asked for; so this asks again.

    `patience`: seconds to wait for another that uses the file; `statements`: how many are kept ready.
    Errors: `sqlite3.OperationalError` when the file is not a database, or in use for too long.
    """
    connection = sqlite3.connect(
        path,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
        factory=SqliteConnection,
        cached_statements=statements,
    )
    connection.patience = patience
    try:
        _write_ahead(connection, patience)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: SqliteConnection, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return

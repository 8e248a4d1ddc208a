"""SQLite for SQLAlchemy's asyncio side: only what waits for others goes to the connection's thread.

That is the begin of a unit of work that writes, and its commit. aiosqlite alone takes five turns of the thread for
each statement (cursor, statement, rows, close, and the cursor's own end): half of all the time that the record took.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, Self

from aiosqlite import Connection


class SqliteConnection(Connection):
    """A connection to the file at this path. Await it to open it.

    `patience`: seconds to wait for another that uses the file.
    Errors: `sqlite3.OperationalError` when the file is not a database, or in use for too long.
    """

    def __init__(self, path: str, patience: float) -> None:
        super().__init__(lambda: write_ahead(path, patience), iter_chunk_size=64)
        self._waiting = 0
        # What hangs in a statement must not keep the program from ending.
        self._thread.daemon = True

    def cursor(self) -> "Cursor":  # type: ignore[override]
        """A cursor; it costs nothing until something is executed."""
        return Cursor(self)

    async def run(self, statement: str, parameters: Any, *, many: bool) -> tuple[sqlite3.Cursor, list[Any]]:
        """The used cursor and all its rows."""
        # Who was cancelled while waiting is still waited for in the thread: what follows stands in line behind it.
        if statement == "BEGIN IMMEDIATE" or self._waiting:
            done: tuple[sqlite3.Cursor, list[Any]] = await self._wait(self._run, statement, parameters, many)
            return done
        return self._run(statement, parameters, many)

    async def commit(self) -> None:
        """Make it last: that waits for the disk."""
        await self._wait(self._conn.commit)

    async def rollback(self) -> None:
        """As if it had not been."""
        if self._waiting:
            await self._wait(self._conn.rollback)
        else:
            self._conn.rollback()

    async def _wait(self, function: Any, *arguments: Any) -> Any:
        def in_thread() -> Any:
            try:
                return function(*arguments)
            finally:
                self._waiting -= 1

        self._waiting += 1
        execute: Any = self._execute  # aiosqlite brings no types for it
        return await execute(in_thread)

    def _run(self, statement: str, parameters: Any, many: bool) -> tuple[sqlite3.Cursor, list[Any]]:
        cursor = self._conn.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(statement, parameters)
            return cursor, cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()


def write_ahead(path: str, patience: float) -> sqlite3.Connection:
    """The file at this path, opened so that readers and a writer do not wait for each other.

    A file that is new, or put back from a copy, is turned into such a file first. Who finds another at that very
    step is told "locked" at once, whatever patience was asked for; so this asks again.
    """
    connection = sqlite3.connect(path, timeout=patience, check_same_thread=False)
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                connection.close()
                raise
            time.sleep(0.01)
        else:
            return connection


class Cursor:
    """What SQLAlchemy needs of an asynchronous DB-API cursor; the rows are there when `execute` is."""

    def __init__(self, connection: SqliteConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """One statement, with all its rows."""
        return await self._take(statement, parameters, many=False)

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """One statement for many rows."""
        return await self._take(statement, parameters, many=True)

    async def fetchall(self) -> list[Any]:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is left open."""

    async def _take(self, statement: str, parameters: Any, *, many: bool) -> Self:
        used, self._rows = await self._connection.run(statement, parameters, many=many)
        self.description, self.rowcount, self.lastrowid = used.description, used.rowcount, used.lastrowid
        return self

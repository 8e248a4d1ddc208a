"""SQLite for SQLAlchemy's asyncio side: a statement and its rows are one turn of the connection's thread.

aiosqlite alone takes five (cursor, statement, rows, close, and the cursor's own end), each a switch between threads:
a third of all the time that the record took.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, Self

from aiosqlite import Connection


class Turns(Connection):
    """A connection to the file at this path whose cursors take one turn. Await it to open it.

    `patience`: seconds to wait for another that uses the file.
    Errors: `sqlite3.OperationalError` when the file is not a database, or in use for too long.
    """

    def __init__(self, path: str, patience: float) -> None:
        super().__init__(lambda: write_ahead(path, patience), iter_chunk_size=64)
        # What hangs in a statement must not keep the program from ending.
        self._thread.daemon = True

    def cursor(self) -> "Cursor":  # type: ignore[override]
        """A cursor; it costs nothing until something is executed."""
        return Cursor(self)

    async def turn(self, statement: str, parameters: Any, *, many: bool) -> tuple[sqlite3.Cursor, list[Any]]:
        """Run it; the used cursor and all its rows."""
        run: Any = self._execute  # aiosqlite brings no types for its turns
        done: tuple[sqlite3.Cursor, list[Any]] = await run(self._run, statement, parameters, many)
        return done

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
    connection = sqlite3.connect(path, timeout=patience)
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

    def __init__(self, connection: Turns) -> None:
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
        used, self._rows = await self._connection.turn(statement, parameters, many=many)
        self.description, self.rowcount, self.lastrowid = used.description, used.rowcount, used.lastrowid
        return self

"""The record in SQL: units of work over the tables, with sealing, versions and the audit chain."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import READING, TURN_SECONDS
from crisispool.adapters.sql_errors import outages
from crisispool.adapters.sql_rows import Shape, asked, finding, shape_of
from crisispool.adapters.sql_tables import METADATA
from crisispool.domain.audit import HEAD, SEAL_PURPOSE, ChainHead, claim, next_entry
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.record import AuditEntry, SetUp

LONGEST_SECONDS: Final = 0.01
"""How long units of work on SQLite go on before others have their turn."""

R = TypeVar("R")
T = TypeVar("T")

# Rows that refer to others are written after them and removed before them.
_RANK = {table.name: rank for rank, table in enumerate(METADATA.sorted_tables)}


class Turns:
    """SQLite answers at once: without this nobody else would go on between one question and the next."""

    def __init__(self) -> None:
        self._others_at = 0.0

    async def take(self) -> None:
        """Let the others go on when they waited for long enough."""
        if monotonic() > self._others_at:
            await asyncio.sleep(0)
            self._others_at = monotonic() + LONGEST_SECONDS


class SqlTransaction:
    """One unit of work; see the port `Transaction`."""

    def __init__(self, connection: AsyncConnection, turns: Turns, keys: Keys, *, writes: bool) -> None:
        self._connection = connection
        self._turns = turns
        self._keys = keys
        self._writes = writes
        self._over = False
        # A statement of SQLite runs at once, between its begin and its commit: nothing can cut it.
        self._at_once = connection.sync_connection if connection.dialect.name == "sqlite" else None
        self._to_audit: list[dict[str, Any]] = []

    async def get(self, kind: type[R], *key: object) -> R | None:
        """The record with this primary key, or None."""
        shape = shape_of(kind)
        the_key = {f"the_{name}": value for name, value in zip(shape.key, key, strict=True)}
        found = await self._records(shape, shape.by_key, the_key)
        return found[0] if found else None

    async def find(
        self, kind: type[R], /, *, order: tuple[str, ...] = (), limit: int | None = None, **where: object
    ) -> list[R]:
        """All records that match, in order. ValueError: a column that is unknown or sealed."""
        shape, values = shape_of(kind), list[object]()
        query = finding(shape.table.name, asked(where, values), order, limit)
        return await self._records(shape, query, {f"v{number}": value for number, value in enumerate(values)})

    async def pick(self, kind: type[Any], /, *columns: str) -> list[tuple[Any, ...]]:
        """These columns of all records, by primary key. ValueError: a column that is unknown or sealed."""
        shape = shape_of(kind)
        query = select(*map(shape.column, columns)).order_by(*shape.order(()))
        return [tuple(row) for row in await self._execute(shape, query)]

    async def lock(self, kind: type[R], keys: Sequence[str]) -> list[R]:
        """Row locks on these records until the end; the records, fresh, sorted by key."""
        self._must_write()
        shape = shape_of(kind)
        (name,) = shape.key
        found = await self._records(shape, shape.locking, {"keys": list(set(keys))})
        return sorted(found, key=lambda record: str(getattr(record, name)))

    async def add(self, *records: object) -> None:
        """Insert, in whatever order given. Raises `Conflict(table)` at once when a unique rule is broken."""
        for shape, same in _by_table(records):
            rows = [shape.row(record, self._keys) for record in same]
            await self._write(shape, shape.inserting, rows)

    async def save(self, record: object) -> None:
        """Write all columns of this row. Raises `Conflict(table)` when it is gone or not at `version - 1`."""
        shape = shape_of(type(record))
        row = shape.row(record, self._keys)
        values = {name: value for name, value in row.items() if name not in shape.key} or row
        if shape.versioned:
            values["the_version"] = row["version"] - 1
        result = await self._write(shape, shape.saving, values | shape.key_of(record))
        if result.rowcount != 1:
            self._over = True
            raise Conflict(shape.table.name)

    async def remove(self, *records: object) -> None:
        """Delete these rows by primary key, whatever the order given."""
        for shape, same in reversed(_by_table(records)):
            await self._write(shape, shape.removing, [shape.key_of(record) for record in same])

    async def audit(
        self,
        actor: str,
        action: str,
        subject_kind: str,
        subject_id: str,
        at: datetime,
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Append to the audit chain when this unit of work ends well."""
        self._must_write()
        self._to_audit.append(
            {
                "actor": actor,
                "action": action,
                "subject_kind": subject_kind,
                "subject_id": subject_id,
                "at": at,
                "details": details or {},
            }
        )

    @property
    def is_news(self) -> bool:
        """Whether it adds to the audit chain, as every change does that somebody may be watching for."""
        return bool(self._to_audit)

    async def finish(self) -> None:
        """What is left to do before the commit."""
        if self._over:
            raise RuntimeError(
                "this unit of work was over after a conflict or an outage, yet its block went on"
            )
        if self._to_audit:
            await self._write_audit()

    async def _write_audit(self) -> None:
        # All writers meet at the head of the chain, so its lock comes last and is held for the commit only.
        (head,) = await self.lock(ChainHead, [HEAD])
        entries: list[AuditEntry] = []
        seq, digest = head.seq, head.digest
        for said in self._to_audit:
            entries.append(next_entry(seq, digest, **said))
            seq, digest = entries[-1].seq, entries[-1].digest
        await self.add(*entries)
        seal = self._keys.digest(SEAL_PURPOSE, claim(seq, digest))
        await self.save(replace(head, seq=seq, digest=digest, seal=seal))

    async def _records(self, shape: Shape[R], query: Executable, values: Mapping[str, object]) -> list[R]:
        result = await self._execute(shape, query, values)
        return [shape.record(row, self._keys) for row in result]

    async def _write(self, shape: Shape[Any], statement: Executable, rows: Any) -> CursorResult[Any]:
        self._must_write()
        return await self._execute(shape, statement, rows)

    async def _execute(self, shape: Shape[Any], statement: Executable, rows: Any = None) -> CursorResult[Any]:
        if self._over:
            raise RuntimeError("this unit of work is over after a conflict or an outage")
        try:
            with outages(shape.table.name):
                if self._at_once is None:
                    return await whole(self._connection.execute(statement, rows))
                await self._turns.take()
                return self._at_once.execute(statement, rows)
        except (Conflict, Outage):
            self._over = True
            raise

    def _must_write(self) -> None:
        if not self._writes:
            raise RuntimeError("this unit of work only reads")


class SqlStore:
    """The record on one database; see the port `Store`. RuntimeError: a unit of work inside another of one task."""

    def __init__(self, engine: AsyncEngine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys
        # SQLite has one writer at a time and lets the others try again and again, the unlucky for seconds:
        # those of this process queue instead.
        self._at_once = engine.dialect.name == "sqlite"
        self._writer = asyncio.Lock() if self._at_once else None
        self._turns = Turns()
        self._busy: set[asyncio.Task[Any] | None] = set()
        self.ring: Callable[[], None] = lambda: None
        """Called after the commit of each unit of work that adds to the audit chain."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlTransaction]:
        """A unit of work that may write."""
        with self._one_at_a_time():
            async with self._turn(), self._connected({}) as connection:
                work = SqlTransaction(connection, self._turns, self._keys, writes=True)
                yield work
                await work.finish()
                with outages():
                    await whole(connection.commit())
        if work.is_news:
            self.ring()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlTransaction]:
        """A consistent snapshot that must not write."""
        with self._one_at_a_time():
            async with self._connected(READING[self._engine.dialect.name]) as connection:
                yield SqlTransaction(connection, self._turns, self._keys, writes=False)

    @asynccontextmanager
    async def _connected(self, options: Mapping[str, Any]) -> AsyncIterator[AsyncConnection]:
        """A connection with its transaction begun; what is not committed at the end is rolled back."""
        connection = self._engine.connect()
        begun = _begun(connection, options)
        try:
            with outages():
                # Who only reads a file waits for nobody, so nothing can be cut.
                await (begun if self._at_once and options else whole(begun))
            yield connection
        finally:
            if connection.sync_connection is not None:
                if self._at_once:
                    connection.sync_connection.close()
                else:
                    await whole(connection.close())

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Who holds one connection and waits for a second, waits for others who do the same: nobody goes on."""
        task = asyncio.current_task()
        if task in self._busy:
            raise RuntimeError("this task is in a unit of work already: it goes on in that one")
        self._busy.add(task)
        try:
            yield
        finally:
            self._busy.discard(task)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._writer is None:
            yield
            return
        with outages():
            async with asyncio.timeout(TURN_SECONDS):
                await self._writer.acquire()
        try:
            yield
        finally:
            self._writer.release()

    async def check_keys(self) -> None:
        """Remember the keys at the first start; later `Outage("keys")` when one is not the key it was."""
        try:
            await self._check_keys()
        except Conflict:
            # Another process of a new set-up was first: now they are there.
            await self._check_keys()

    async def _check_keys(self) -> None:
        async with self.transaction() as work:
            for key_id, fingerprint in self._keys.fingerprints().items():
                known = await work.get(SetUp, f"key:{key_id}")
                if known is None:
                    await work.add(SetUp(f"key:{key_id}", fingerprint))
                elif known.value != fingerprint:
                    raise Outage(
                        "keys",
                        f"the keys are not those of this record: key {key_id!r} is another one; all processes"
                        " of a set-up have the same CRISISPOOL_SECRET_KEYS, or one data folder",
                    )

    async def close(self) -> None:
        """Give all connections back."""
        with outages():
            await self._engine.dispose()


async def _begun(connection: AsyncConnection, options: Mapping[str, Any]) -> None:
    await connection.start()
    await connection.run_sync(_begin, options)


def _begin(connection: Connection, options: Mapping[str, Any]) -> None:
    # For this connection alone: an engine with options has each statement ask who listens.
    connection.execution_options(**options)
    connection.begin()


async def whole(operation: Coroutine[Any, Any, T]) -> T:
    """The result of an operation that is never cut in the middle: a cancellation goes on after its end.

    A statement that is cut leaves its locks behind; how long it may take is limited by the engine's settings.
    """
    task = asyncio.create_task(operation)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that nobody warns that it was not
        raise


def _by_table(records: Sequence[object]) -> list[tuple[Shape[Any], list[object]]]:
    """The records by their tables, those that are referred to first, else in the order given."""
    kinds: dict[type, list[object]] = {}
    for record in records:
        kinds.setdefault(type(record), []).append(record)
    return sorted(
        ((shape_of(kind), same) for kind, same in kinds.items()), key=lambda pair: _RANK[pair[0].table.name]
    )

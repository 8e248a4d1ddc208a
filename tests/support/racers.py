"""Calltakers in processes of their own, over one record: they act at the same moment and say what came of it.

A net of the record can be taken away from them, so that a test shows that it would notice: see `Weakness`.
"""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any, Self, TypeVar, cast

from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import App, assemble
from crisispool.domain.errors import Refusal
from crisispool.ports import OneOf, Store, Transaction
from crisispool.services.asks import BookingAsk
from crisispool.settings import Settings
from tests.support.clock import SteppingClock
from tests.support.databases import keys_for_tests

R = TypeVar("R")

PROCESSES = 4
OK = "ok"
MEET_WITHIN_SECONDS = 10
"""Who waits longer goes on alone: the others did not come so far."""

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Weakness:
    """What the record does not do for these calltakers.

    `unlocked`: kinds of which a row is read where it should be locked. `unsaved`: kinds whose version is not
    written, so that nobody notices that somebody else was there.
    """

    unlocked: frozenset[type] = frozenset()
    unsaved: frozenset[type] = frozenset()


@dataclass(frozen=True)
class Table:
    """Where they sit: which record, what is wrong with it, the time there, and where they meet.

    Everybody waits in the transaction, about to lock or to add a record of the kind `meet_at`, until all are
    there. None: they meet before they begin, because on this database one writes at a time.
    """

    url: str
    now: datetime
    meet_at: type | None = None
    weakness: Weakness = field(default_factory=Weakness)


@dataclass(frozen=True)
class Wanted:
    """One bed that one of them tries to give."""

    operation_id: str
    request_id: str
    unit_id: str
    night: date | None = None
    nights: int | None = None


def nowhere() -> RedisPool:
    """A live view that is away, so that the record alone decides."""
    return RedisPool(connect(Path("/nowhere/redis")), "tests")


class Racers:
    """So many processes, `each` calltakers in each. Use them as a context, then `sit_down` and `race`."""

    def __init__(self, each: int = 2) -> None:
        self.count = PROCESSES * each

    def __enter__(self) -> Self:
        self._meeting = _FORKING.Barrier(self.count)
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(PROCESSES):
            here, there = _FORKING.Pipe()
            process = _FORKING.Process(target=_live, args=(there, self._meeting), daemon=True)
            process.start()
            there.close()
            self._lines.append(here)
            self._processes.append(process)
        return self

    def __exit__(self, *why: object) -> None:
        for line, process in zip(self._lines, self._processes, strict=True):
            process.kill()
            process.join()
            line.close()

    async def sit_down(self, table: Table) -> None:
        """Work on this record from now on."""
        await asyncio.to_thread(self._all, [table] * PROCESSES)

    async def race(self, wanted: Sequence[Wanted]) -> list[str]:
        """Each tries its own at the same moment; in the same order `OK`, the code of the refusal, or what broke."""
        assert len(wanted) == self.count
        self._meeting.reset()
        said = await asyncio.to_thread(self._all, [list(wanted[n::PROCESSES]) for n in range(PROCESSES)])
        return [said[n % PROCESSES][n // PROCESSES] for n in range(self.count)]

    def _all(self, orders: Sequence[object]) -> list[Any]:
        for line, order in zip(self._lines, orders, strict=True):
            line.send(order)
        return [line.recv() for line in self._lines]


def _live(line: Connection, meeting: Any) -> None:
    with suppress(EOFError, KeyboardInterrupt):
        asyncio.run(_work(line, meeting))


async def _work(line: Connection, meeting: Any) -> None:
    order = await asyncio.to_thread(line.recv)
    while isinstance(table := order, Table):
        engine = make_engine(table.url)
        store = _Weakened(SqlStore(engine, keys_for_tests()), table, meeting)
        pool, clock = nowhere(), SteppingClock(table.now)
        app = assemble(Settings.from_env({}), cast(Store, store), pool, clock, keys_for_tests())
        line.send(OK)
        while isinstance(order := await asyncio.to_thread(line.recv), list):
            store.expected = len(order)
            line.send(await asyncio.gather(*(_book(app, store, wanted) for wanted in order)))
        await pool.close()
        await store.close()


async def _book(app: App, store: "_Weakened", wanted: Wanted) -> str:
    actor = await app.accounts.actor_of("coordinator")
    assert actor is not None
    ask = BookingAsk(
        request_id=wanted.request_id, unit_id=wanted.unit_id, night=wanted.night, nights=wanted.nights
    )
    if store.table.meet_at is None:
        await store.meet()
    try:
        await app.bookings.book(actor, wanted.operation_id, ask)
    except Refusal as refusal:
        return refusal.code
    except Exception as error:  # noqa: BLE001  # the one who asks must hear of it, not this process
        return repr(error)
    return OK


class _Weakened:
    """A store with a weakness, in which those who are about to lock wait for each other once."""

    def __init__(self, store: SqlStore, table: Table, meeting: Any) -> None:
        self.table = table
        self.expected = 0
        self._store = store
        self._meeting = meeting
        self.reading = store.reading
        self.close = store.close

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["_WeakenedTransaction"]:
        async with self._store.transaction() as tx:
            yield _WeakenedTransaction(tx, self)

    async def meet(self) -> None:
        """Wait until everybody of this race is here; who comes again, after a lost race, goes on."""
        if self.expected == 0:
            return
        self.expected -= 1
        with suppress(BrokenBarrierError):
            await asyncio.to_thread(self._meeting.wait, MEET_WITHIN_SECONDS)


class _WeakenedTransaction:
    def __init__(self, tx: Transaction, store: _Weakened) -> None:
        self._tx, self._store = tx, store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def lock(self, kind: type[R], keys: Sequence[str]) -> list[R]:
        table = self._store.table
        if kind is table.meet_at:
            await self._store.meet()
        if kind in table.weakness.unlocked:
            return await self._tx.find(kind, id=OneOf(tuple(keys)), order=("id",))
        return await self._tx.lock(kind, keys)

    async def add(self, *records: object) -> None:
        if any(type(record) is self._store.table.meet_at for record in records):
            await self._store.meet()
        await self._tx.add(*records)

    async def save(self, record: object) -> None:
        if type(record) not in self._store.table.weakness.unsaved:
            await self._tx.save(record)

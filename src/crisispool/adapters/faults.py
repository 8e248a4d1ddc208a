"""Named points at which a process of a training ends itself as by kill -9: to prove that nothing gets lost there.

A transaction is named by what it writes, an audit action or the key of a message, so no service knows of this.
"""

import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from typing import Any, Final, cast

from crisispool.domain.record import Message
from crisispool.ports import LivePool, LiveUnit, Mail, Mailer, Store, Transaction

TRANSACTIONS: Final = (
    # The way to a bed.
    "request.made", "request.take", "request.screened", "unit.held", "booking.made", "page.linked",
    "person.identified", "booking.check_in", "booking.extended", "booking.moved", "booking.check_out",
    # What falls due by itself.
    "unit.lapsed", "message.arrival_question", "request.backup", "handover.made",
    "message.handover", "handover.backup", "handover.coordinator", "handover.contact_overdue",
    # The next working day.
    "handover.acknowledge", "handover.outcome",
)  # fmt: skip
"""The units of work that have points: one before their COMMIT, one between COMMIT and answer."""

POINTS: Final = (
    *(f"{name}:{when}_commit" for name in TRANSACTIONS for when in ("before", "after")),
    *("claim:after", "put:before", "put:after"),
    "mail:after",
)
"""Every point by name. `claim` and `put` are those of the live view, of a hold and a booking; `mail` is between what
a mail server took and the note of it."""


class Fault:
    """The point at which this process ends, and at which time of passing it."""

    def __init__(self, point: str, time: int = 1) -> None:
        self._point = point
        self._left = time

    @classmethod
    def of(cls, text: str) -> "Fault":
        """From ``point`` or ``point#n`` (the n-th time). ValueError: no such point."""
        point, _, time = text.partition("#")
        if point not in POINTS or (time and not (time.isascii() and time.isdigit() and int(time))):
            raise ValueError("no such point")
        return cls(point, int(time or 1))

    def passed(self, point: str) -> None:
        """The process is at this point; it may be its end."""
        if point != self._point:
            return
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


class FaultyStore:
    """The port `Store` with a fault in its transactions."""

    def __init__(self, store: Store, fault: Fault) -> None:
        self._store = store
        self._fault = fault

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A unit of work that may write, and may be the last one."""
        async with self._store.transaction() as tx:
            named = _Named(tx)
            yield cast("Transaction", named)
            self._passed(named, "before_commit")
        self._passed(named, "after_commit")

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent snapshot that must not write."""
        return self._store.reading()

    async def close(self) -> None:
        """Give all connections back."""
        await self._store.close()

    def _passed(self, named: "_Named", when: str) -> None:
        for name in sorted(named.names):
            self._fault.passed(f"{name}:{when}")


class _Named:
    """A transaction that notes its names; everything else it leaves to the real one."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.names: set[str] = set()

    def __getattr__(self, method: str) -> Any:
        return getattr(self._tx, method)

    async def add(self, *records: object) -> None:
        self.names.update(record.key for record in records if isinstance(record, Message))
        await self._tx.add(*records)

    async def audit(
        self,
        actor: str,
        action: str,
        subject_kind: str,
        subject_id: str,
        at: datetime,
        details: Mapping[str, object] | None = None,
    ) -> None:
        self.names.add(action)
        await self._tx.audit(actor, action, subject_kind, subject_id, at, details)


def faulty_pool(pool: LivePool, fault: Fault) -> LivePool:
    """The live view with a fault in it."""
    return cast("LivePool", _FaultyPool(pool, fault))


class _FaultyPool:
    """Everything else it leaves to the real one."""

    def __init__(self, pool: LivePool, fault: Fault) -> None:
        self._pool = pool
        self._fault = fault

    def __getattr__(self, method: str) -> Any:
        return getattr(self._pool, method)

    async def claim(
        self, operation_id: str, unit_ids: Sequence[str], nights: Sequence[date], seconds: int
    ) -> str | None:
        taken = await self._pool.claim(operation_id, unit_ids, nights, seconds)
        self._fault.passed("claim:after")
        return taken

    async def put(self, unit: LiveUnit, operation_id: str | None = None) -> None:
        # Only the put of somebody's call: healing rounds come by at any moment.
        for_a_call = operation_id is not None
        if for_a_call:
            self._fault.passed("put:before")
        await self._pool.put(unit, operation_id)
        if for_a_call:
            self._fault.passed("put:after")


class FaultyMailer:
    """The port `Mailer` with a fault in it."""

    def __init__(self, mailer: Mailer, fault: Fault) -> None:
        self._mailer = mailer
        self._fault = fault

    async def send(self, mail: Mail) -> str:
        """Hand one mail to the server, and perhaps never know it."""
        name = await self._mailer.send(mail)
        self._fault.passed("mail:after")
        return name

    async def check(self) -> None:
        """Whether the server is there."""
        await self._mailer.check()

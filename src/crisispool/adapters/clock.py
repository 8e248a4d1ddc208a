"""The present moment: the real clock, and the training clock that runs beside it. The only reader of time."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crisispool.domain.errors import Conflict, Outage, Refusal
from crisispool.domain.record import SetUp
from crisispool.ports import Clock, Store, Transaction

TRAINING_CLOCK: Final = "training_clock"
"""The key of the training clock's row in the set-up."""

STOPPED_AFTER: Final = timedelta(seconds=60)
"""A training set-up that nobody saw running for this long had been stopped, and its time with it."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)

    async def refresh(self) -> None:
        """Nothing moves this clock."""


class TrainingClock:
    """The clock of a training set-up: the real one with an offset that all its processes read.

    `start` it before the first `now`. Time stands still while the whole set-up is stopped.
    """

    def __init__(self, store: Store, real: Clock | None = None) -> None:
        self._store = store
        self._real = real or SystemClock()
        self._offset: timedelta | None = None

    def now(self) -> datetime:
        """The present moment of the training. Errors: `Outage("clock")` before `start` or `refresh`."""
        if self._offset is None:
            raise Outage("clock", "the training clock was not started")
        return self._real.now() + self._offset

    async def start(self, begin: datetime) -> None:
        """Begin at `begin` in a new set-up; in an older one go on, after a stop from the last moment seen."""
        real_now = self._real.now()
        try:
            async with self._store.transaction() as work:
                found = await work.lock(SetUp, [TRAINING_CLOCK])
                if not found:
                    setting = _Setting(begin.astimezone(UTC) - real_now, begin.astimezone(UTC))
                    await work.add(setting.row())
                else:
                    setting = _Setting.of(found[0])
                    if real_now - setting.seen_real > STOPPED_AFTER:
                        setting = _Setting(setting.seen - real_now, setting.seen)
                        await work.save(setting.row())
            self._offset = setting.offset
        except Conflict:
            # Another process of a new set-up was first.
            await self.refresh()

    async def refresh(self) -> None:
        """Take over the offset from the record."""
        async with self._store.reading() as work:
            row = await work.get(SetUp, TRAINING_CLOCK)
        if row is None:
            raise Outage("clock", "this set-up has no training clock")
        self._offset = _Setting.of(row).offset

    async def move(self, to: datetime) -> None:
        """Go forward to this moment, for every process. Errors: `Refusal("clock_backwards")`."""
        async with self._store.transaction() as work:
            setting = await self._locked(work)
            now = self._real.now() + setting.offset
            if to < now:
                raise Refusal(
                    "clock_backwards", {"now": now.isoformat(), "to": to.astimezone(UTC).isoformat()}
                )
            setting = _Setting(to.astimezone(UTC) - self._real.now(), to.astimezone(UTC))
            await work.save(setting.row())
        self._offset = setting.offset

    async def seen(self) -> None:
        """Note that the set-up runs; call it every few seconds."""
        async with self._store.transaction() as work:
            setting = await self._locked(work)
            await work.save(_Setting(setting.offset, self._real.now() + setting.offset).row())
        self._offset = setting.offset

    async def _locked(self, work: Transaction) -> "_Setting":
        found = await work.lock(SetUp, [TRAINING_CLOCK])
        if not found:
            raise Outage("clock", "this set-up has no training clock")
        return _Setting.of(found[0])


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the row says: the offset from the real clock, and the last training moment that was seen."""

    offset: timedelta
    seen: datetime

    @property
    def seen_real(self) -> datetime:
        """When, on the real clock, the set-up was last seen running."""
        return self.seen - self.offset

    @classmethod
    def of(cls, row: SetUp) -> "_Setting":
        said = json.loads(row.value)
        return cls(timedelta(seconds=said["offset"]), datetime.fromisoformat(said["seen"]))

    def row(self) -> SetUp:
        said = {"offset": self.offset.total_seconds(), "seen": self.seen.isoformat()}
        return SetUp(TRAINING_CLOCK, json.dumps(said))

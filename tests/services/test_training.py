"""The training clock goes forward, and what falls due on the way happens at its own moment."""

from datetime import UTC, datetime, timedelta

import pytest

from crisispool.adapters.clock import TrainingClock
from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.errors import Refusal
from crisispool.services.operations import Operations
from crisispool.services.training import Training
from tests.support.clock import SteppingClock

START = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)


class Due:
    """Work that falls due at given moments, each followed by more work an hour later, once."""

    def __init__(self, *moments: datetime) -> None:
        self.waiting = list(moments)
        self.done: list[tuple[datetime, datetime]] = []

    async def run(self, now: datetime) -> int:
        """Do what is due."""
        due = [moment for moment in self.waiting if moment <= now]
        self.waiting = [moment for moment in self.waiting if moment > now]
        for moment in due:
            self.done.append((moment, now))
            if moment == MONDAY:
                self.waiting.append(moment + timedelta(hours=1))
        return len(due)

    async def next_due(self) -> datetime | None:
        """The first moment that waits."""
        return min(self.waiting, default=None)


class Stuck(Due):
    """Work that stays due whatever is done."""

    async def run(self, now: datetime) -> int:
        """Nothing gets done."""
        self.done.append((now, now))
        return 0


async def training(store: SqlStore, keys: Keys, due: Due) -> tuple[Training, TrainingClock]:
    clock = TrainingClock(store, SteppingClock(datetime(2026, 1, 1, tzinfo=UTC)))
    await clock.start(START)
    return Training(clock, due, Operations(store, keys)), clock


async def test_each_step_on_the_way_happens_at_its_own_moment(store: SqlStore, keys: Keys) -> None:
    due = Due(MONDAY, START + timedelta(minutes=15))
    moved, clock = await training(store, keys, due)
    to = MONDAY + timedelta(hours=3)
    assert await moved.move("op", to) == to == clock.now()
    assert due.done == [(moment, moment) for moment in (START + timedelta(minutes=15), MONDAY)] + [
        (MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=1))
    ]


async def test_what_falls_due_later_waits(store: SqlStore, keys: Keys) -> None:
    due = Due(MONDAY)
    moved, _ = await training(store, keys, due)
    await moved.move("op", MONDAY - timedelta(seconds=1))
    assert due.done == []


async def test_the_same_move_sent_again_is_answered_again(store: SqlStore, keys: Keys) -> None:
    moved, clock = await training(store, keys, Due())
    await moved.move("op", MONDAY)
    await moved.move("further", MONDAY + timedelta(hours=1))
    assert await moved.move("op", MONDAY) == MONDAY
    assert clock.now() == MONDAY + timedelta(hours=1)
    with pytest.raises(Refusal, match="operation_reused"):
        await moved.move("op", MONDAY + timedelta(hours=2))


class CutOnce(Due):
    """The process dies when it has just come where it was going."""

    async def run(self, now: datetime) -> int:
        """Work, but for the first time on Monday."""
        if now >= MONDAY and not self.done:
            self.done.append((now, now))
            raise KeyboardInterrupt
        return await super().run(now)


async def test_a_move_that_was_cut_on_the_way_goes_the_rest_of_it_when_it_is_sent_again(
    store: SqlStore, keys: Keys
) -> None:
    real, due = SteppingClock(datetime(2026, 1, 1, tzinfo=UTC)), CutOnce(MONDAY)
    clock = TrainingClock(store, real)
    await clock.start(START)
    moved = Training(clock, due, Operations(store, keys))
    with pytest.raises(KeyboardInterrupt):
        await moved.move("op", MONDAY)
    real.advance(timedelta(seconds=3))
    assert await moved.move("op", MONDAY) == MONDAY
    assert due.done[1:] == [(MONDAY, MONDAY + timedelta(seconds=3))]
    assert clock.now() == MONDAY + timedelta(seconds=3)


async def test_the_clock_never_goes_back(store: SqlStore, keys: Keys) -> None:
    due = Due(START)
    moved, clock = await training(store, keys, due)
    with pytest.raises(Refusal, match="clock_backwards"):
        await moved.move("op", START - timedelta(seconds=1))
    assert (clock.now(), due.done) == (START, [])


async def test_work_that_stays_due_does_not_stop_the_clock(store: SqlStore, keys: Keys) -> None:
    moved, clock = await training(store, keys, Stuck(START + timedelta(minutes=1)))
    await moved.move("op", MONDAY)
    assert clock.now() == MONDAY

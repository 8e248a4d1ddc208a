"""The training clock: shared by all processes, forward only, and standing still while nobody runs."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from crisispool.adapters.clock import SystemClock, TrainingClock
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.errors import Outage, Refusal
from tests.support.clock import SteppingClock

REAL = datetime(2026, 6, 1, 9, 0, 0, 123456, tzinfo=UTC)
FIRE = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)


@pytest.fixture
def real() -> SteppingClock:
    return SteppingClock(REAL)


@pytest.fixture
async def clock(store: SqlStore, real: SteppingClock) -> TrainingClock:
    made = TrainingClock(store, real)
    await made.start(FIRE)
    return made


def test_the_clock_of_the_machine_tells_aware_moments() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


async def test_training_begins_at_the_moment_asked_and_runs_on(
    clock: TrainingClock, real: SteppingClock
) -> None:
    assert clock.now() == FIRE
    real.advance(timedelta(minutes=5))
    assert clock.now() == FIRE + timedelta(minutes=5)


async def test_a_clock_that_was_not_started_tells_no_time(store: SqlStore) -> None:
    clock = TrainingClock(store)
    with pytest.raises(Outage):
        clock.now()
    with pytest.raises(Outage):
        await clock.refresh()
    with pytest.raises(Outage):
        await clock.move(FIRE)


async def test_a_move_is_seen_by_every_process(
    store: SqlStore, clock: TrainingClock, real: SteppingClock
) -> None:
    other = TrainingClock(store, real)
    await other.start(FIRE - timedelta(days=9))
    assert other.now() == FIRE
    monday = datetime(2026, 11, 30, 8, tzinfo=timezone(timedelta(hours=1)))
    await clock.move(monday)
    assert clock.now() == monday
    assert other.now() == FIRE
    await other.refresh()
    assert other.now() == monday
    assert other.now().utcoffset() == timedelta(0)


async def test_the_clock_never_goes_back(clock: TrainingClock) -> None:
    await clock.move(FIRE + timedelta(hours=6))
    with pytest.raises(Refusal) as refused:
        await clock.move(FIRE + timedelta(hours=5))
    assert refused.value.code == "clock_backwards"
    assert clock.now() == FIRE + timedelta(hours=6)


async def test_time_stood_still_while_the_set_up_was_stopped(
    store: SqlStore, clock: TrainingClock, real: SteppingClock
) -> None:
    real.advance(timedelta(minutes=10))
    await clock.seen()
    real.advance(timedelta(days=3))
    again = TrainingClock(store, real)
    await again.start(FIRE)
    assert again.now() == FIRE + timedelta(minutes=10)


async def test_a_process_that_joins_a_running_set_up_does_not_stop_its_time(
    store: SqlStore, clock: TrainingClock, real: SteppingClock
) -> None:
    real.advance(timedelta(minutes=10))
    await clock.seen()
    real.advance(timedelta(seconds=59))
    joined = TrainingClock(store, real)
    await joined.start(FIRE)
    assert joined.now() == clock.now()


async def test_noting_that_it_runs_keeps_a_move_by_another_process(
    store: SqlStore, clock: TrainingClock, real: SteppingClock
) -> None:
    other = TrainingClock(store, real)
    await other.start(FIRE)
    await other.move(FIRE + timedelta(days=2))
    await clock.seen()
    assert clock.now() == FIRE + timedelta(days=2)


async def test_two_that_start_a_new_set_up_together_have_one_time(
    store: SqlStore, real: SteppingClock
) -> None:
    clocks = [TrainingClock(store, real) for _ in range(4)]
    await asyncio.gather(*(one.start(FIRE) for one in clocks))
    assert {one.now() for one in clocks} == {FIRE}

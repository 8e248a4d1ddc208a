"""What wakes the due work: it comes back, it comes late, it never ends because of one failure."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from crisispool.adapters.redis_pool import RedisPool
from crisispool.app import App
from crisispool.domain.errors import Outage
from crisispool.jobs.runner import running, tick
from crisispool.jobs.timetable import TIMETABLE, Row, compare_view, heal_view, note_training_clock, sweep
from crisispool.opening import open_app
from crisispool.settings import Settings
from tests.support.live_pool import live_unit, nights

BEGIN = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
OFTEN = timedelta(milliseconds=10)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    settings = Settings.from_env({"CRISISPOOL_DATA_DIR": str(tmp_path / "data")})
    async with open_app(settings, training=True, begin=BEGIN) as opened:
        yield opened


class Worker:
    """Does what it is told at each call, and says how often it was called."""

    def __init__(self, *does: Callable[[], Awaitable[object]]) -> None:
        self._does = list(does)
        self.calls = 0
        self._called = asyncio.Condition()

    async def __call__(self, app: App) -> None:
        async with self._called:
            self.calls += 1
            self._called.notify_all()
        if self._does:
            await self._does.pop(0)()

    async def until(self, calls: int) -> None:
        """Wait until it was called so often."""
        async with asyncio.timeout(5), self._called:
            await self._called.wait_for(lambda: self.calls >= calls)


async def test_everything_is_done_once_at_the_start_and_then_again_and_again(app: App) -> None:
    worker = Worker()
    async with running(app, jobs=True, rows=[Row("work", OFTEN, worker, jobs_only=True)]):
        assert worker.calls == 1
        await worker.until(4)


async def test_a_process_without_jobs_leaves_what_falls_due_to_others(app: App) -> None:
    due, always = Worker(), Worker()
    rows = [Row("due", OFTEN, due, jobs_only=True), Row("always", OFTEN, always, jobs_only=False)]
    async with running(app, jobs=False, rows=rows):
        await always.until(3)
    assert due.calls == 0


@pytest.mark.parametrize("error", [Outage("record", "away"), KeyError("canary")], ids=["outage", "mistake"])
async def test_a_round_that_fails_is_logged_without_its_data_and_tried_again(
    app: App, error: Exception
) -> None:
    async def fail() -> None:
        raise error

    worker = Worker(fail, fail)
    with capture_logs() as lines:
        async with running(app, jobs=True, rows=[Row("work", OFTEN, worker, jobs_only=True)]):
            await worker.until(3)
    failed = [line for line in lines if line["event"] == "tick_failed"]
    assert [line["row"] for line in failed] == ["work", "work"]
    assert "canary" not in str(lines)


async def test_rounds_never_overlap(app: App) -> None:
    busy, most = 0, 0

    async def work(_: App) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.02)
        busy -= 1

    last = Worker()
    rows = [Row(name, OFTEN, work, jobs_only=True) for name in ("one", "two")]
    async with running(app, jobs=True, rows=[*rows, Row("last", OFTEN, last, jobs_only=True)]):
        await last.until(4)
    assert most == 1


async def test_long_due_work_does_not_keep_what_every_service_does_waiting(app: App) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        await go_on.wait()

    async def nothing() -> None:
        pass

    always = Worker()
    rows = [
        Row("due", OFTEN, Worker(nothing, long), jobs_only=True),
        Row("always", OFTEN, always, jobs_only=False),
    ]
    async with running(app, jobs=True, rows=rows):
        await begun.wait()
        await always.until(always.calls + 3)
        go_on.set()


async def test_a_long_look_does_not_keep_what_is_due_waiting(app: App) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        await go_on.wait()

    async def nothing() -> None:
        pass

    due = Worker()
    rows = [
        Row("look", OFTEN, Worker(nothing, long), jobs_only=True, apart=True),
        Row("due", OFTEN, due, jobs_only=True),
    ]
    async with running(app, jobs=True, rows=rows):
        await begun.wait()
        await due.until(due.calls + 3)
        go_on.set()
    assert next(row for row in TIMETABLE if row.name == "watch").apart


async def test_a_stop_lets_the_last_round_finish(app: App) -> None:
    begun, done = asyncio.Event(), asyncio.Event()

    async def finish() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        done.set()

    async def nothing() -> None:
        pass

    worker = Worker(nothing, finish)
    async with running(app, jobs=True, rows=[Row("work", OFTEN, worker, jobs_only=True)]):
        await begun.wait()
    assert done.is_set()


async def test_the_sweep_takes_over_a_clock_that_another_process_moved(app: App) -> None:
    async with open_app(app.settings, jobs=False) as beside:
        assert beside.training is not None
        await beside.training.move("on", BEGIN + timedelta(hours=6))
    await sweep(app)
    assert app.clock.now() >= BEGIN + timedelta(hours=6)


async def test_a_view_that_lost_everything_is_built_again(app: App) -> None:
    assert isinstance(app.pool, RedisPool)
    await app.view.rebuild(app.clock.now())
    await app.pool._client.flushall()
    with pytest.raises(Outage, match="empty"):
        await app.view.differences(app.clock.now())
    await heal_view(app)
    assert await app.view.differences(app.clock.now()) == []


async def test_a_view_with_a_unit_that_is_no_more_is_built_again(app: App) -> None:
    await app.pool.rebuild([live_unit("gone", nights(3))])
    assert await app.view.differences(app.clock.now()) == ["gone"]
    await compare_view(app)
    assert await app.pool.snapshot() == {}


async def test_every_row_of_the_timetable_runs_on_a_fresh_set_up(app: App) -> None:
    turn = asyncio.Lock()
    await app.view.rebuild(app.clock.now())
    with capture_logs() as lines:
        for row in TIMETABLE:
            await tick(app, row, turn)
    assert [line for line in lines if line["event"] == "tick_failed"] == []
    assert note_training_clock in {row.work for row in TIMETABLE}

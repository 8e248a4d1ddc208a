"""Ten thousand units in 285 municipalities: the right answer, also in a full pool, from few statements."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.request import Search
from crisispool.domain.unit import Placement, Unit
from crisispool.services.region_file import RegionFile, check_region
from crisispool.services.regions import load_region
from tests.support import regions
from tests.support.clock import SteppingClock
from tests.support.databases import keys_for_tests
from tests.support.live_pool import no_live_pool
from tests.support.night import Night, local

STATEMENTS = 60
"""More than a search needs, and far less than one for each unit or municipality."""

LARGE = regions.make_region(free=1)
[FREE] = LARGE.free
UNIT = next(unit for unit in LARGE.units if unit.id == FREE)


@pytest.fixture(scope="module")
def large_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the large region in it, all but one unit occupied."""
    path = tmp_path_factory.mktemp("large") / "large.db"
    shutil.copyfile(migrated_sqlite, path)

    async def fill() -> None:
        store = SqlStore(make_engine(at_sqlite(path)), keys_for_tests())
        await regions.load(store, LARGE)
        await store.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def large_engine(large_sqlite: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    shutil.copyfile(large_sqlite, tmp_path / "large.db")
    engine = make_engine(at_sqlite(tmp_path / "large.db"))
    yield engine
    await engine.dispose()


def night_of(engine: AsyncEngine, keys: Keys, pool: Any) -> Night:
    return Night([engine], keys, pool, SteppingClock(local("2026-11-28 02:04")))


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements of the block."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        said.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield said
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_the_one_free_unit_of_ten_thousand_is_found_held_and_booked(
    large_engine: AsyncEngine, keys: Keys, live_pool: RedisPool
) -> None:
    night = night_of(large_engine, keys, live_pool)
    with counted(large_engine) as said:
        assert await night.app.view.rebuild(night.clock.now()) == 10_000
    assert len(said) < 400
    request = await night.request(origin=UNIT.nis, whereabouts=UNIT.nis)
    with counted(large_engine) as said:
        found = await night.search(request)
    assert [proposal.unit_id for proposal in found.proposals] == [FREE] and not found.slow
    assert len(said) < STATEMENTS
    hold = await night.hold(request, FREE)
    assert await night.app.view.differences(night.clock.now()) == []
    booking = await night.book_held(hold)
    assert booking.unit_id == FREE

    # Now the pool is full: the record is asked too, and says the same.
    next_one = await night.request(origin=UNIT.nis, whereabouts=UNIT.nis, adults=1, children=1)
    with counted(large_engine) as said:
        nothing = await night.search(next_one)
    assert nothing.proposals == () and len(nothing.fallback) == 2
    assert len(said) < STATEMENTS
    [kept] = await night.rows(Search, request_id=next_one.id)
    assert kept.unmet == "no_unit"


@pytest.mark.parametrize("away", [False, True], ids=["stale view", "no view"])
async def test_a_view_that_knows_of_nothing_does_not_hide_the_one_free_unit(
    large_engine: AsyncEngine, keys: Keys, live_pool: RedisPool, away: bool
) -> None:
    night = night_of(large_engine, keys, no_live_pool() if away else live_pool)
    if not away:
        await live_pool.rebuild([])
    with counted(large_engine) as said:
        found = await night.search(persons=UNIT.places)
    assert [proposal.unit_id for proposal in found.proposals] == [FREE] and found.slow is away
    assert len(said) < STATEMENTS
    # Somebody is free, only not for so many: another shortage than a full pool.
    large = await night.request(origin=UNIT.nis, whereabouts=UNIT.nis, adults=9)
    assert (await night.search(large)).proposals == ()
    [kept] = await night.rows(Search, request_id=large.id)
    assert kept.unmet == "no_suitable_unit"


async def test_ten_thousand_free_units_are_proposed_in_few_statements(
    large_engine: AsyncEngine, keys: Keys
) -> None:
    night = night_of(large_engine, keys, no_live_pool())
    async with night.store.transaction() as tx:
        placed = await tx.find(Placement)
        await tx.remove(*placed[:2_000])
    with counted(large_engine) as said:
        found = await night.search(persons=1)
    assert len(found.proposals) == 2_001
    assert len(said) < STATEMENTS


async def test_an_owner_reads_the_own_units_and_not_everybodys(large_engine: AsyncEngine, keys: Keys) -> None:
    night = night_of(large_engine, keys, no_live_pool())
    owner = await night.actor("owner")
    own = [unit.id for unit in LARGE.units if unit.owner_id == owner.organisation_id]
    with counted(large_engine) as said:
        assert [unit.id for unit in await night.app.units.all(owner)] == own
    assert 30 < len(own) < 40 and len(said) < STATEMENTS


async def test_a_region_file_with_many_units_is_loaded_in_few_statements(
    engine: AsyncEngine, store: SqlStore
) -> None:
    text = regions.as_file(regions.make_region(1_000, 10, free=3))
    region = check_region(text, "groot.toml")
    assert isinstance(region, RegionFile), [str(mistake) for mistake in region]
    start = local("2026-11-28 02:04")
    with counted(engine) as said:
        report = await load_region(store, keys_for_tests(), region, "test", start, training=True)
    assert report.added > 4_000 and len(said) < 200
    changed = replace(
        region, units=tuple(replace(unit, rooms=9) for unit in region.units[:5]) + region.units[5:]
    )
    with counted(engine) as said:
        report = await load_region(store, keys_for_tests(), changed, "test", start, training=True)
    assert (report.added, report.changed) == (0, 5) and len(said) < 200
    async with store.reading() as tx:
        assert len(await tx.find(Unit, rooms=9)) == 5

"""A record with thousands of units is asked in few statements, and gives the same answers: on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.availability import NotGiven, can_be_given
from crisispool.domain.booking import Booking, Hold, UnitNight
from crisispool.domain.calendar import DAY
from crisispool.domain.organisation import Municipality
from crisispool.domain.unit import OutOfService, Placement, Turnover, Unit, UnitNetwork
from crisispool.ports import OneOf, Without
from crisispool.services.facts import Facts
from tests.support import regions
from tests.support.samples import sample, with_what_it_needs

NOW = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
TONIGHT = date(2026, 11, 27)
FACTS = Facts(LegalHolidays())

STAYS = [[TONIGHT + DAY * (first + n) for n in range(nights)] for first in (0, 1, 9) for nights in (1, 3, 5)]


@pytest.fixture
async def mixed(engine: AsyncEngine, keys: Keys) -> AsyncIterator[SqlStore]:
    """Four hundred units, each with a bit of everything that can stand in somebody's way, or nearly."""
    store = SqlStore(engine, keys)
    region = regions.make_region(400, 4, free=400)
    await regions.load(store, region)
    chance = Random(7)  # noqa: S311  # the same mix every time
    booking, hold = sample(Booking), sample(Hold)
    needed = [row for of in (booking, hold) for row in with_what_it_needs(of)]
    by_table = {(type(row), getattr(row, "id", getattr(row, "nis", None))): row for row in needed}
    async with store.transaction() as tx:
        await tx.add(*by_table.values())
        for unit in region.units:
            await tx.add(*_in_the_way(unit, chance))
    yield store
    await store.close()


def _in_the_way(unit: Unit, chance: Random) -> list[object]:
    def day(lowest: int, highest: int) -> date:
        return TONIGHT + DAY * chance.randint(lowest, highest)

    rows: list[object] = []
    for n in range(chance.choice((0, 0, 1, 2))):
        first = day(-5, 12)
        until = chance.choice((None, first, first + DAY, TONIGHT, first + DAY * 4))
        ended = chance.choice((None, None, NOW))
        rows.append(Placement(f"{unit.id}:p{n}", unit.id, first, until and max(first, until), ended))
    if chance.random() < 0.1:
        starts = NOW + timedelta(hours=chance.choice((-30, -1, 0, 1, 20, 60)))
        rows.append(OutOfService(f"{unit.id}:o", unit.id, starts, "repair", chance.choice((None, NOW))))
    if chance.random() < 0.1:
        rows.append(
            Turnover(f"{unit.id}:t", unit.id, None, NOW, NOW + DAY, done_at=chance.choice((None, NOW)))
        )
    for night in {day(-2, 10) for _ in range(chance.choice((0, 0, 1, 2)))}:
        booked = chance.random() < 0.5
        held = None if booked else sample(Hold).id
        rows.append(UnitNight(unit.id, night, held, sample(Booking).id if booked else None))
    return rows


async def test_the_record_narrows_to_every_unit_that_may_be_given_and_few_others(mixed: SqlStore) -> None:
    async with mixed.reading() as tx:
        everything = await FACTS.units(tx, await FACTS.unit_ids(tx, "net"), NOW)
        calendar = await FACTS.calendar(tx, "net")
        assert len(everything) == 400
        for nights in STAYS:
            narrowed = await FACTS.untaken(tx, "net", nights, NOW)
            why = {
                unit_id: can_be_given(facts, nights, NOW, calendar) for unit_id, facts in everything.items()
            }
            free = {unit_id for unit_id, reason in why.items() if reason is None}
            assert free <= set(narrowed) and narrowed == sorted(narrowed)
            assert 50 < len(free) < 350
            # Only a planned end of service is beyond what the rows say plainly.
            assert {why[unit_id] for unit_id in narrowed} <= {None, NotGiven.OUT_OF_SERVICE}


async def test_only_units_of_the_network_are_looked_at(mixed: SqlStore) -> None:
    async with mixed.reading() as tx:
        assert await FACTS.untaken(tx, "elsewhere", [TONIGHT], NOW) == []


async def test_without_leaves_out_what_any_of_the_rows_refers_to(store: SqlStore) -> None:
    link = sample(UnitNetwork)
    placement = sample(Placement, ended_at=None, booking_id=None)
    async with store.transaction() as tx:
        await tx.add(*with_what_it_needs(link))
        await tx.add(placement)
    others = (
        (Turnover, {"done_at": None}),
        (Placement, {"ended_at": None, "starts_on": placement.starts_on}),
    )
    async with store.reading() as tx:
        assert await tx.find(UnitNetwork, unit_id=Without(others[:1])) == [link]
        assert await tx.find(UnitNetwork, unit_id=Without(others)) == []
        assert await tx.find(UnitNetwork, unit_id=Without(((Placement, {"until": None}),))) == [link]


async def test_a_list_of_ids_may_be_longer_than_a_database_takes_parameters(store: SqlStore) -> None:
    town = sample(Municipality)
    strange = "'\"\\ é {},"
    async with store.transaction() as tx:
        await tx.add(town, sample(Municipality, nis=strange))
    many = tuple(f"n-{n}" for n in range(300_000))
    async with store.reading() as tx:
        assert await tx.find(Municipality, nis=OneOf((*many, town.nis))) == [town]
        assert [row.nis for row in await tx.find(Municipality, nis=OneOf((strange,)))] == [strange]
        assert (
            await tx.find(Municipality, nis=OneOf(many)) == await tx.find(Municipality, nis=OneOf(())) == []
        )

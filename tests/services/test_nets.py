"""Races of several processes against each net of the record alone; and without its net a race is lost.

Redis is away here, so that everybody comes to the record, and all wait for each other at the decisive moment.
"""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from crisispool.adapters.crypto import Keys
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.domain.booking import Booking, BookingState, PersonNight, UnitNight
from crisispool.domain.household import Person
from crisispool.domain.unit import Unit
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.night import Night, local
from tests.support.postgres import PostgresServer
from tests.support.racers import OK, Racers, Table, Wanted, Weakness, nowhere
from tests.support.region import UNITS, load_region

pytestmark = pytest.mark.timeout(120)

FRIDAY_EVENING = local("2026-11-27 20:00")
MONDAY_EVENING = local("2026-11-23 20:00")
LAST = "in-studio"
LOST = {"no_longer_free", "unit_booked"}
REFUSED = {"stay_limit", "already_used", "reason_missing", "unit_booked", "no_longer_free"}


@pytest.fixture(scope="module")
def racers() -> Iterator[Racers]:
    """Eight calltakers in four processes."""
    with Racers() as ready:
        yield ready


class Hall:
    """A record of its own, and those who race over it."""

    def __init__(self, url: str, keys: Keys, racers: Racers) -> None:
        self.url = url
        self.racers = racers
        self.engine = make_engine(url)
        self.pool = nowhere()
        self.night = Night([self.engine], keys, self.pool, SteppingClock(MONDAY_EVENING))

    async def close(self) -> None:
        """Everybody goes home."""
        await self.pool.close()
        await self.engine.dispose()

    async def last_unit(self, rounds: int) -> list[str] | None:
        """Eight want the last free unit, again and again. None when it was one household's each time, else what
        became of the first round when it was not."""
        await self.night.only_free(LAST)
        requests = [await self.night.request() for _ in range(self.racers.count)]
        for _ in range(rounds):
            said = await self.racers.race([Wanted(self.night.op(), each.id, LAST) for each in requests])
            assert set(said) <= {OK} | LOST, said
            assert ("double_booking" in await self.broken()) is (said.count(OK) > 1)
            if said.count(OK) != 1:
                return said
            await self.everybody_leaves()
        return None

    async def one_person(self, rounds: int) -> list[date] | None:
        """For one person eight want a bed each, by another plan each round, in different units.

        None when the person could sleep so each time, else the nights of the first round when not.
        """
        requests = [await self.night.request_of_jan() for _ in range(self.racers.count)]
        for plan in plans(rounds):
            said = await self.racers.race(
                [
                    Wanted(self.night.op(), request.id, UNITS[n % len(UNITS)].id, night, nights)
                    for n, (request, (night, nights)) in enumerate(zip(requests, plan, strict=True))
                ]
            )
            assert set(said) <= {OK} | REFUSED and OK in said, said
            slept = sorted(row.night for row in await self.night.rows(PersonNight))
            if not within_the_limit(slept):
                return slept
            await self.everybody_leaves()
        return None

    async def everybody_leaves(self) -> None:
        """As before the round."""
        for booking in await self.night.rows(Booking, state=BookingState.BOOKED):
            await self.night.app.stays.cancel(
                await self.night.actor("coordinator"), self.night.op(), booking.id
            )

    async def broken(self) -> set[str]:
        """The rules that do not hold."""
        return {each.rule for each in await self.night.app.invariants.broken(self.night.clock.now())}


def within_the_limit(slept: list[date]) -> bool:
    """Policy: how long someone may stay, section 4, in other words than the rule's own: no night twice, no run
    over three nights, or over five with a Friday or Saturday among its first four (no holiday is near)."""
    runs: list[list[date]] = []
    for night in slept:
        if runs and night - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(night)
        else:
            runs.append([night])
    return len(slept) == len(set(slept)) and all(
        len(run) <= 3 or (len(run) <= 5 and any(night.weekday() in (4, 5) for night in run[:4]))
        for run in runs
    )


def plans(rounds: int) -> Iterator[list[tuple[date, int]]]:
    """Eight stays (night, nights) of one week for each round, in any order; first Monday to Thursday, each twice, of
    which three may be given."""
    week = [date(2026, 11, 23) + timedelta(days=n) for n in range(7)]
    yield [(night, 1) for night in week[:4] * 2]
    chance = random.Random(rounds)  # noqa: S311  # a race that repeats itself, no secret
    for _ in range(rounds - 1):
        yield [(chance.choice(week), chance.randint(1, 3)) for _ in range(8)]


@pytest.fixture
async def on_postgres(postgres: PostgresServer, keys: Keys, racers: Racers) -> AsyncIterator[Hall]:
    url = await asyncio.to_thread(postgres_copy, postgres)
    hall = Hall(url, keys, racers)
    await load_region(hall.night.store)
    yield hall
    await hall.close()


@pytest.fixture
async def on_sqlite(region_sqlite: Path, tmp_path: Path, keys: Keys, racers: Racers) -> AsyncIterator[Hall]:
    shutil.copyfile(region_sqlite, tmp_path / "record.db")
    hall = Hall(at_sqlite(tmp_path / "record.db"), keys, racers)
    yield hall
    await hall.close()


@dataclass(frozen=True)
class Race:
    """What is raced for, from what moment on, where all meet, and what is missing."""

    run: Callable[[Hall, int], Awaitable[object]]
    begins: datetime
    meet_at: type
    weakness: Weakness = field(default_factory=Weakness)
    index: bool = True

    async def lost(self, hall: Hall, rounds: int) -> object:
        """None when the rule held in all rounds, else what became of the first in which it did not."""
        if not self.index:
            async with hall.engine.begin() as connection:
                await connection.run_sync(
                    Connection.execute, text("ALTER TABLE unit_nights DROP CONSTRAINT pk_unit_nights")
                )
        await hall.racers.sit_down(Table(hall.url, self.begins, self.meet_at, self.weakness))
        hall.night.clock.set(self.begins)
        return await self.run(hall, rounds)


NO_LOCK_NO_VERSION = Weakness(unlocked=frozenset({Unit}), unsaved=frozenset({Unit}))

NETS = {
    "the unique index alone": Race(Hall.last_unit, FRIDAY_EVENING, UnitNight, NO_LOCK_NO_VERSION),
    "the row lock on the unit alone": Race(
        Hall.last_unit, FRIDAY_EVENING, Unit, Weakness(unsaved=frozenset({Unit})), index=False
    ),
    "the version of the unit alone": Race(
        Hall.last_unit, FRIDAY_EVENING, Unit, Weakness(unlocked=frozenset({Unit})), index=False
    ),
    "the lock on the person": Race(Hall.one_person, MONDAY_EVENING, Person),
}
"""What stands between callers and a broken rule, each without the others. Where there is no lock to wait for they
meet as late as can be: when all were told that they may, and are about to write or to lock what comes next."""

MUTANTS = {
    "the unique index dropped": Race(
        Hall.last_unit, FRIDAY_EVENING, UnitNight, NO_LOCK_NO_VERSION, index=False
    ),
    "the lock on the person removed": Race(
        Hall.one_person, MONDAY_EVENING, Unit, Weakness(unlocked=frozenset({Person}))
    ),
}
"""The same races with the last net taken away. (That a person is in one bed a night is a unique rule as well, but
of one reference: the same person in another request is another reference.)"""

ROUNDS = pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(3, id="few"),
        pytest.param(200, id="many", marks=(pytest.mark.soak, pytest.mark.timeout(600))),
    ],
)


@ROUNDS
@pytest.mark.postgres
@pytest.mark.parametrize("net", NETS)
async def test_one_net_alone_holds_on_postgresql(on_postgres: Hall, net: str, rounds: int) -> None:
    assert await NETS[net].lost(on_postgres, rounds) is None


@pytest.mark.postgres
@pytest.mark.parametrize("mutant", MUTANTS)
async def test_without_its_net_a_race_is_lost_in_a_round_or_two(on_postgres: Hall, mutant: str) -> None:
    assert await MUTANTS[mutant].lost(on_postgres, 2) is not None


@ROUNDS
async def test_eight_at_once_never_take_one_person_over_the_limit_on_sqlite(
    on_sqlite: Hall, rounds: int
) -> None:
    await on_sqlite.racers.sit_down(Table(on_sqlite.url, MONDAY_EVENING))
    assert await on_sqlite.one_person(rounds) is None


@ROUNDS
async def test_eight_at_once_get_the_last_unit_once_on_sqlite(on_sqlite: Hall, rounds: int) -> None:
    await on_sqlite.racers.sit_down(Table(on_sqlite.url, FRIDAY_EVENING))
    on_sqlite.night.clock.set(FRIDAY_EVENING)
    assert await on_sqlite.last_unit(rounds) is None

"""Two web and two job processes on one PostgreSQL and one Redis, each with a folder of its own."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from crisispool.adapters.clock import TrainingClock
from crisispool.adapters.crypto import Keys
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.errors import Outage
from crisispool.services.facts import Facts
from crisispool.services.live_view import LiveView
from tests.scenarios.people import ONE_ADULT, Colleague, rows
from tests.support.databases import postgres_empty
from tests.support.postgres import PostgresServer
from tests.support.program import Program, by_url
from tests.support.redis_server import RedisServer
from tests.support.warm import Warm

pytestmark = pytest.mark.postgres

PARTS = ("web", "web", "jobs", "jobs")


@dataclass(frozen=True)
class SetUp:
    """What there is: two web and two job processes, their Redis, and a fresh folder for a command beside them."""

    web: list[Program]
    jobs: list[Program]
    redis: RedisServer
    beside: Program
    settings: dict[str, str]

    def differing(self) -> list[str]:
        """Ids of units on which live view and record disagree. Raises Outage."""
        return asyncio.run(self._differing())

    async def _differing(self) -> list[str]:
        [(set_up,)] = await asyncio.to_thread(
            rows, self.beside, "SELECT value FROM set_up WHERE key = ?", "set_up"
        )
        store = SqlStore(
            make_engine(self.settings["DATABASE_URL"]), Keys.from_text(self.settings["SECRET_KEYS"])
        )
        pool = RedisPool(connect(self.redis.path), set_up)
        clock = TrainingClock(store)
        try:
            await clock.refresh()
            return await LiveView(pool, store, Facts(LegalHolidays())).differences(clock.now())
        finally:
            await pool.close()
            await store.close()

    def equal_again(self) -> bool:
        """Whether the live view is there and equal to the record."""
        try:
            return self.differing() == []
        except Outage:
            return False

    def quick_again(self) -> bool:
        """Whether every web process answers from the live view."""
        return not any(Colleague(each, "calltaker").call("GET", "/availability")["slow"] for each in self.web)


@pytest.fixture(scope="module")
def house(postgres: PostgresServer, warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SetUp]:
    """All started at once on an empty database."""
    redis = RedisServer(saves=True)
    redis.start()
    folder = tmp_path_factory.mktemp("several")
    settings = by_url(postgres_empty(postgres), redis.url)

    def program(name: str) -> Program:
        return Program(folder / name / "data", warm=warm, settings=settings)

    programs = [program(str(number)) for number in range(len(PARTS))]
    try:
        for each in programs:
            each.data_dir.parent.mkdir()
        with ThreadPoolExecutor(len(programs)) as threads:
            list(threads.map(lambda each, part: each.start("--only", part), programs, PARTS))
        (folder / "beside").mkdir()
        yield SetUp(programs[:2], programs[2:], redis, program("beside"), settings)
    finally:
        for each in programs:
            each.close()
        redis.close()


def within(seconds: float, holds: Callable[[], bool]) -> None:
    """It holds before so many seconds have passed."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def test_a_night_through_on_several_processes_is_one_night(house: SetUp) -> None:
    assert all(each.running for each in (*house.web, *house.jobs))
    one, two = (Colleague(each, "calltaker") for each in house.web)
    first, second = one.request(), two.request(adults=2, origin="36007")
    booking = one.book(first)
    assert booking["unit_id"] not in two.proposed(second)
    two.call("POST", f"/bookings/{booking['id']}/check-in", {})
    two.book(second)
    with ThreadPoolExecutor(4) as threads:
        sent = [
            threads.submit(desk.call, "POST", "/requests", ONE_ADULT, key="one") for desk in (one, two) * 2
        ]
        assert len({each.result()["id"] for each in sent}) == 1
    house.web[1].move_clock("2026-11-30T11:00+01:00")
    within(20, lambda: len(Colleague(house.web[0], "coordinator").call("GET", "/handovers")) == 2)
    told = "SELECT recipient_id, key, about_id FROM outbox WHERE about_kind = ?"
    within(10, lambda: bool(rows(house.beside, told, "handover")))
    everybody = rows(house.beside, told, "handover")
    assert len(everybody) == len(set(everybody))
    within(10, lambda: house.beside.command("verify").returncode == 0)
    assert house.beside.command("doctor").returncode == 0


def test_redis_killed_under_the_services_is_equal_again_five_seconds_after_its_return(house: SetUp) -> None:
    desks = [Colleague(each, "calltaker") for each in house.web]
    desks[0].book(desks[0].request())
    within(5, house.equal_again)
    house.redis.kill()
    for desk in desks:
        found = desk.call("GET", "/availability")
        assert found["slow"] and found["proposals"]
        desk.book(desk.request())
    assert "Redis" in house.beside.command("doctor").stdout
    house.redis.start()
    within(5, lambda: house.equal_again() and house.quick_again())


def test_redis_emptied_under_the_services_is_equal_again_after_five_seconds(house: SetUp) -> None:
    house.redis.ask("FLUSHALL")
    Colleague(house.web[0], "calltaker").call("GET", "/availability")
    within(5, house.equal_again)


def test_redis_that_hangs_costs_a_night_no_seconds_and_is_equal_again_when_it_goes_on(house: SetUp) -> None:
    desk = Colleague(house.web[0], "calltaker")
    house.redis.freeze()
    try:
        desk.call("GET", "/availability")
        began = time.monotonic()
        desk.book(desk.request())
        assert desk.call("GET", "/availability")["slow"]
        assert time.monotonic() - began < 5
    finally:
        house.redis.thaw()
    within(5, house.equal_again)

"""The live view equals the record again within two healing rounds, whatever happened to Redis meanwhile."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_keys import Root
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.domain.booking import Booking
from crisispool.domain.errors import Outage, Refusal
from crisispool.services.answers import BookingAnswer, RequestAnswer
from crisispool.services.live_view import CLAIM_SECONDS, HEAL_EVERY
from tests.support.bad_line import BadLine, bad_line
from tests.support.clock import SteppingClock
from tests.support.live_pool import SET_UP
from tests.support.night import Night, local
from tests.support.redis_server import RedisServer

ROUNDS = 2
"""A round comes at most `HEAL_EVERY` after Redis is back; a claim left behind lapses before the one after it."""


def test_two_rounds_come_within_five_seconds() -> None:
    assert timedelta(seconds=5) > ROUNDS * HEAL_EVERY
    assert timedelta(seconds=CLAIM_SECONDS) <= HEAL_EVERY


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server of this test alone, which keeps what it holds when it is killed."""
    made = RedisServer(saves=True)
    made.start()
    yield made
    made.close()


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Redis]:
    """A second way to that server."""
    made = connect(server.path)
    yield made
    await made.aclose()


@pytest.fixture
async def line(server: RedisServer, tmp_path: Path) -> AsyncIterator[BadLine]:
    async with bad_line(server.path, server.folder / "line") as made:
        yield made


@pytest.fixture
async def night(engines: list[AsyncEngine], keys: Keys, line: BadLine) -> AsyncIterator[Night]:
    """Saturday 02:04, everything free, over the line that may be bad."""
    pool = RedisPool(connect(line.path), SET_UP)
    made = Night(engines, keys, pool, SteppingClock(local("2026-11-28 02:04")))
    await made.app.view.rebuild(made.clock.now())
    yield made
    await pool.close()


async def one_round(night: Night) -> None:
    await night.app.view.look_after(night.clock.now())


async def different(night: Night) -> list[str]:
    return await night.app.view.differences(night.clock.now())


async def is_whole_after(night: Night, rounds: int) -> None:
    """So many rounds make the view equal to the record, and a search is answered by it again."""
    for _ in range(rounds):
        await one_round(night)
    assert await different(night) == []
    assert not (await night.search()).slow


async def test_an_emptied_view_is_whole_after_one_round(night: Night, client: Redis) -> None:
    await client.flushall()
    assert (await night.search()).slow
    booking = await night.book(await night.request(), "in-studio")
    await is_whole_after(night, 1)
    assert booking.unit_id not in await night.proposed(await night.request())


async def test_news_that_never_arrived_is_put_by_one_round(night: Night, line: BadLine) -> None:
    booking = await night.book(await night.request(), "in-studio")
    line.cut_before = 2
    await night.cancel(booking)
    assert line.cut_before == 0
    assert await different(night) == ["in-studio"]
    await is_whole_after(night, 1)


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
async def test_answers_that_got_lost_after_the_script_ran_change_nothing_twice(
    night: Night, line: BadLine, client: Redis, lost: int
) -> None:
    request = await night.request()
    line.cut_after = lost
    booking = await night.book_held(await night.hold(request, "in-studio"))
    line.cut_after = 0
    assert [row.id for row in await night.rows(Booking)] == [booking.id]
    await a_claim_takes(client, CLAIM_SECONDS)
    await is_whole_after(night, ROUNDS)


async def a_claim_takes(client: Redis, seconds: int) -> None:
    """So long passes on the server's clock: every claim made until now has run out."""
    assert seconds == CLAIM_SECONDS
    claims = Root(SET_UP).claims
    members: list[Any] = await client.zrange(claims, 0, -1)
    for member in members:
        await client.zadd(claims, {member: 0})


async def test_a_claim_that_its_owner_left_behind_does_not_keep_a_free_unit_away(
    night: Night, client: Redis
) -> None:
    [unit_id, *_] = await night.proposed(await night.request())
    free = sorted((await night.app.pool.snapshot())[unit_id].nights)
    assert await night.app.pool.claim("killed", [unit_id], free[:3], CLAIM_SECONDS) == unit_id
    await one_round(night)
    assert await different(night) == [unit_id]
    await a_claim_takes(client, CLAIM_SECONDS)
    await is_whole_after(night, 1)


async def test_a_server_that_was_killed_comes_back_with_older_data_and_is_whole_after_one_round(
    night: Night, server: RedisServer, client: Redis
) -> None:
    await night.book(await night.request(), "in-house")
    snapshot = server.folder / "older"
    shutil.copytree(server.folder / "appendonlydir", snapshot)
    await night.book(await night.request(), "in-studio")
    server.kill()
    assert (await night.search()).slow
    await night.book(await night.request(), "iz-studio")
    await one_round(night)
    shutil.rmtree(server.folder / "appendonlydir")
    snapshot.rename(server.folder / "appendonlydir")
    await asyncio.to_thread(server.start)
    await is_whole_after(night, 1)


async def test_a_server_that_comes_back_empty_is_filled_by_one_round(
    night: Night, server: RedisServer
) -> None:
    server.kill()
    await night.book(await night.request(), "in-studio")
    shutil.rmtree(server.folder / "appendonlydir")
    await asyncio.to_thread(server.start)
    await is_whole_after(night, 1)


async def test_only_the_first_waits_for_a_server_that_hangs(night: Night, line: BadLine) -> None:
    line.delay = 3
    before = line.heard
    request = await night.request()
    assert (await night.search()).slow
    for unit_id in ("in-studio", "iz-studio"):
        await night.book(await night.request(), unit_id)
    for _ in range(5):
        assert (await night.search(request)).slow
    assert line.heard == before + 1
    line.delay = 0
    await is_whole_after(night, ROUNDS)


async def test_a_record_that_was_put_back_to_an_earlier_moment_wins(night: Night) -> None:
    known = (await night.app.pool.snapshot())["in-studio"]
    future = type(known)(
        known.unit_id, known.version + 5, (), known.nis, 0, frozenset(), frozenset(), known.tonight
    )
    await night.app.pool.put(future)
    await night.app.view.rebuild(night.clock.now())
    assert await different(night) == ["in-studio"]
    await is_whole_after(night, 1)


@pytest.mark.parametrize(
    ("before", "after"), [("2026-11-28 05:59", "2026-11-28 06:00"), ("2026-11-30 08:29", "2026-11-30 08:30")]
)
async def test_when_the_night_turns_the_window_of_nights_goes_along_in_one_round(
    night: Night, before: str, after: str
) -> None:
    night.at(before)
    await is_whole_after(night, 1)
    night.at(after)
    assert await different(night) != []
    await is_whole_after(night, 1)


async def test_units_that_are_no_more_leave_the_view_and_new_ones_come(night: Night) -> None:
    known = (await night.app.pool.snapshot())["in-studio"]
    await night.app.pool.put(
        type(known)("gone", 1, ("net",), known.nis, 2, frozenset(), known.nights, known.tonight)
    )
    await is_whole_after(night, 1)


async def test_several_processes_that_heal_at_once_do_no_harm(night: Night, client: Redis) -> None:
    processes = [night, night.another_process(), night.another_process(), night.another_process()]
    for _ in range(3):
        await client.flushall()
        await asyncio.gather(*map(one_round, processes))
        assert await different(night) == []
    keys = [key async for key in client.scan_iter()]
    epoch = await client.get(Root(SET_UP).epoch)
    assert [key for key in keys if epoch not in key and key != Root(SET_UP).epoch.encode()] == []


async def test_a_burst_of_bookings_while_the_view_is_emptied_again_and_again(
    night: Night, client: Redis
) -> None:
    units = ("in-studio", "in-house", "iz-studio", "iz-house")
    requests = [await night.request() for _ in range(12)]
    desks = [night, night.another_process(), night.another_process()]
    done = asyncio.Event()

    async def again_and_again(does: Callable[[], Awaitable[object]]) -> None:
        while not done.is_set():
            with suppress(Outage):
                await does()
            await asyncio.sleep(0.01)

    troubles = [
        asyncio.create_task(again_and_again(client.flushall)),
        asyncio.create_task(again_and_again(lambda: one_round(night))),
    ]

    async def a_bed(desk: Night, request: RequestAnswer, unit_id: str) -> BookingAnswer:
        return await desk.book_held(await desk.hold(request, unit_id))

    answers = await asyncio.gather(
        *(a_bed(desks[number % 3], request, units[number % 4]) for number, request in enumerate(requests)),
        return_exceptions=True,
    )
    done.set()
    await asyncio.gather(*troubles)
    lost = [each for each in answers if isinstance(each, BaseException)]
    assert all(isinstance(each, Refusal) for each in lost), lost
    assert sorted(row.unit_id for row in await night.rows(Booking)) == sorted(units)
    await a_claim_takes(client, CLAIM_SECONDS)
    await is_whole_after(night, ROUNDS)

"""The live pool on a real server: searching, claiming, putting, rebuilding, and what goes wrong meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from crisispool.adapters.redis_keys import Root
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.domain.errors import Outage
from crisispool.ports import LivePool, LiveUnit
from tests.support.bad_line import bad_line
from tests.support.live_pool import SET_UP, TONIGHT, live_unit, nights

NONE: frozenset[str] = frozenset()
EPOCH = Root(SET_UP).epoch


@pytest.fixture
async def client(redis_socket: Path) -> AsyncIterator[Redis]:
    """A second way to the same server, past the pool."""
    made = connect(redis_socket)
    yield made
    await made.aclose()


async def free(pool: RedisPool, wanted: Sequence[date]) -> list[str]:
    return sorted(await pool.find("ieper", wanted, 1, NONE, NONE))


async def test_it_is_a_live_pool(live_pool: RedisPool) -> None:
    pool: LivePool = live_pool
    await pool.rebuild([])
    assert await pool.snapshot() == {}


# Searching


async def test_a_unit_is_found_only_when_free_on_every_night(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(3)), live_unit("b", nights(2))])
    assert await free(live_pool, nights(2)) == ["a", "b"]
    assert await free(live_pool, nights(3)) == ["a"]
    assert await free(live_pool, nights(4)) == []


async def test_a_unit_in_two_networks_is_found_in_both_and_claimed_once(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1), networks=("ieper", "kust"))])
    assert await live_pool.find("kust", nights(1), 1, NONE, NONE) == ["a"]
    await live_pool.claim("op", ["a"], nights(1), 60)
    assert await live_pool.find("kust", nights(1), 1, NONE, NONE) == []
    assert await live_pool.find("elsewhere", nights(1), 1, NONE, NONE) == []


night_sets = st.sets(st.sampled_from(nights(4)), max_size=4)
feature_sets = st.frozensets(st.sampled_from(["pets", "step_free"]), max_size=2)
nis_codes = st.sampled_from(["33011", "33029", "33040"])
units = st.builds(
    LiveUnit,
    unit_id=st.uuids().map(str),
    version=st.just(1),
    network_ids=st.sampled_from([("ieper",), ("kust",), ("ieper", "kust")]),
    nis=nis_codes,
    places=st.integers(1, 6),
    features=feature_sets,
    nights=night_sets.map(frozenset),
    tonight=st.just(TONIGHT),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(
    rebuilt=st.lists(units, max_size=20, unique_by=lambda unit: unit.unit_id),
    put=st.lists(units, max_size=5, unique_by=lambda unit: unit.unit_id),
    claimed=night_sets,
    asked=st.tuples(night_sets, st.integers(0, 7), feature_sets, st.frozensets(nis_codes, max_size=2)),
)
async def test_find_agrees_with_a_plain_model(
    live_pool: RedisPool,
    client: Redis,
    rebuilt: list[LiveUnit],
    put: list[LiveUnit],
    claimed: set[date],
    asked: tuple[set[date], int, frozenset[str], frozenset[str]],
) -> None:
    await client.flushall()
    await live_pool.rebuild(rebuilt)
    for unit in put:
        await live_pool.put(unit)
    model = {unit.unit_id: unit for unit in rebuilt + put}
    assert await live_pool.snapshot() == model
    left = {unit.unit_id: set(unit.nights) for unit in model.values()}
    for unit in rebuilt[:8]:
        taken = await live_pool.claim(f"for {unit.unit_id}", [unit.unit_id], sorted(claimed), 60)
        assert taken == (unit.unit_id if claimed <= unit.nights else None)
        if taken:
            left[taken] -= claimed
    wanted, places, features, avoid = asked
    assert sorted(await live_pool.find("ieper", sorted(wanted), places, features, avoid)) == sorted(
        unit.unit_id
        for unit in model.values()
        if wanted <= left[unit.unit_id]
        and "ieper" in unit.network_ids
        and unit.places >= places
        and features <= unit.features
        and unit.nis not in avoid
    )


async def test_avoiding_a_municipality_hides_no_unit_elsewhere(live_pool: RedisPool) -> None:
    await live_pool.rebuild([])
    await live_pool.put(live_unit("avoided", nights(1), nis="33029"))
    for n in range(20):
        await live_pool.put(live_unit(f"unit {n}", nights(1)))
    assert len(await live_pool.find("ieper", nights(1), 1, NONE, frozenset({"33029", "99999"}))) == 20


async def test_a_search_writes_nothing_to_the_log_of_the_server(live_pool: RedisPool, client: Redis) -> None:
    await live_pool.rebuild([live_unit("a", nights(1))])
    before = (await client.info("persistence"))["aof_current_size"]
    assert await live_pool.find("ieper", nights(1), 1, NONE, frozenset({"33029"})) == ["a"]
    assert (await client.info("persistence"))["aof_current_size"] == before
    await live_pool.claim("op", ["a"], nights(1), 60)
    assert (await client.info("persistence"))["aof_current_size"] > before


# Claiming


async def test_the_best_unit_that_is_still_free_is_claimed(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("b", nights(3)), live_unit("c", nights(3))])
    assert await live_pool.claim("op", ["unknown", "a", "c", "b"], nights(2), 60) == "c"
    assert await free(live_pool, nights(1)) == ["a", "b"]
    assert await free(live_pool, nights(1, after=2)) == ["b", "c"]


async def test_nothing_is_claimed_when_no_unit_is_free_on_all_nights(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1))])
    assert await live_pool.claim("op", ["a"], nights(2), 60) is None
    assert await free(live_pool, nights(1)) == ["a"]


async def test_a_repeated_operation_gets_the_same_answer_and_takes_nothing_more(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("b", nights(1))])
    answers = [await live_pool.claim("op", ["a", "b"], nights(1), 60) for _ in range(3)]
    assert answers == ["a", "a", "a"]
    assert await free(live_pool, nights(1)) == ["b"]
    assert await live_pool.claim("late", ["a"], nights(1), 60) is None
    await live_pool.put(live_unit("a", nights(1), version=2), "op")
    assert await live_pool.claim("late", ["a"], nights(1), 60) is None


async def test_a_claim_whose_answer_got_lost_takes_nothing_twice(
    live_pool: RedisPool, redis_socket: Path
) -> None:
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("b", nights(1))])
    async with bad_line(redis_socket, redis_socket.with_name("line")) as line:
        line.cut_after = 1
        far_away = RedisPool(connect(line.path), SET_UP)
        assert await far_away.claim("op", ["a", "b"], nights(1), 60) == "a"
        await far_away.close()
        assert line.cut_after == 0
    assert await free(live_pool, nights(1)) == ["b"]


async def test_one_of_sixty_four_gets_the_last_unit(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("last", nights(3))])
    answers = await asyncio.gather(
        *(live_pool.claim(f"op {n}", ["last"], nights(2), 60) for n in range(64)),
    )
    assert sorted(filter(None, answers)) == ["last"]


async def test_three_hundred_callers_at_once_all_get_an_answer(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1))])
    answers = await asyncio.gather(*(free(live_pool, nights(1)) for _ in range(300)))
    assert answers == [["a"]] * 300


async def test_a_claim_past_its_deadline_is_named_until_the_unit_is_put(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("b", nights(1))])
    await live_pool.claim("slow", ["a"], nights(1), 0)
    await live_pool.claim("quick", ["b"], nights(1), 60)
    assert await live_pool.expired() == ["a"]
    assert await live_pool.expired() == ["a"]
    assert await free(live_pool, nights(1)) == []
    await live_pool.put(live_unit("a", nights(1)))
    assert await live_pool.expired() == []
    assert await free(live_pool, nights(1)) == ["a"]


# Putting


async def test_putting_replaces_everything_the_view_knew_of_a_unit(live_pool: RedisPool) -> None:
    old = live_unit("a", nights(3), networks=("ieper", "kust"), places=6, features=frozenset({"pets"}))
    new = live_unit("a", nights(2, after=2), version=2, nis="33029", places=2, networks=("ieper",))
    await live_pool.rebuild([old])
    await live_pool.put(new)
    assert await live_pool.snapshot() == {"a": new}


async def test_a_new_unit_joins_the_view(live_pool: RedisPool) -> None:
    await live_pool.rebuild([])
    for name in "abcdefghij":
        await live_pool.put(live_unit(name, nights(1)))
    assert await free(live_pool, nights(1)) == list("abcdefghij")


async def test_older_news_is_ignored_and_equal_news_written_again(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1), version=10)])
    await live_pool.put(live_unit("a", nights(3), version=9))
    assert await free(live_pool, nights(3)) == []
    await live_pool.put(live_unit("a", nights(3), version=10))
    assert await free(live_pool, nights(3)) == ["a"]


async def test_putting_never_frees_a_night_that_another_operation_claims(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(3))])
    await live_pool.claim("mine", ["a"], nights(1), 60)
    await live_pool.claim("theirs", ["a"], nights(1, after=2), 60)
    await live_pool.put(live_unit("a", nights(3), version=2))
    assert await free(live_pool, nights(1)) == []
    await live_pool.put(live_unit("a", nights(3), version=3), "mine")
    assert await free(live_pool, nights(2)) == ["a"]
    assert await free(live_pool, nights(1, after=2)) == []


async def test_a_claim_ended_by_older_news_does_not_lose_its_nights(live_pool: RedisPool) -> None:
    """Another change overtook the one who claimed and gave up: the nights come back with the next put."""
    await live_pool.rebuild([live_unit("a", nights(2))])
    await live_pool.claim("op", ["a"], nights(1), 60)
    await live_pool.put(live_unit("a", nights(2), version=3))
    await live_pool.put(live_unit("a", nights(2), version=2), "op")
    assert await live_pool.expired() == ["a"]
    await live_pool.put(live_unit("a", nights(2), version=3))
    assert await free(live_pool, nights(2)) == ["a"]
    assert await live_pool.expired() == []


# Rebuilding


async def test_a_rebuild_replaces_the_view_and_leaves_nothing_of_the_old_one(
    live_pool: RedisPool, client: Redis
) -> None:
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("gone", nights(9), nis="33040")])
    await live_pool.rebuild([live_unit("a", nights(2))])
    assert await live_pool.snapshot() == {"a": live_unit("a", nights(2))}
    epoch = await client.get(EPOCH)
    keys = [key async for key in client.scan_iter()]
    assert len(keys) > 5
    assert [key for key in keys if epoch not in key and key != EPOCH.encode()] == []
    assert {await client.ttl(key) for key in keys} == {-1}


async def test_a_rebuild_frees_no_claimed_night(live_pool: RedisPool) -> None:
    record = [live_unit("a", nights(2)), live_unit("b", nights(2))]
    await live_pool.rebuild(record)
    await live_pool.claim("op", ["a"], nights(1), 60)
    await live_pool.rebuild(record)
    assert await free(live_pool, nights(2)) == ["b"]
    await live_pool.put(record[0], "op")
    assert await free(live_pool, nights(2)) == ["a", "b"]


async def test_a_rebuild_does_not_undo_newer_news(live_pool: RedisPool) -> None:
    record = [live_unit("b", nights(3)), live_unit("a", nights(3))]
    newer = live_unit("a", nights(1, after=5), version=2, nis="33040", places=9)
    await live_pool.rebuild(list(reversed(record)))
    await live_pool.put(newer)
    await live_pool.rebuild(record)
    assert await live_pool.snapshot() == {"a": newer, "b": record[0]}


async def test_a_rebuild_anew_undoes_also_what_says_it_is_newer(live_pool: RedisPool) -> None:
    record = [live_unit("a", nights(3), version=2)]
    await live_pool.rebuild([live_unit("a", nights(1), version=9)])
    await live_pool.rebuild(record)
    assert (await live_pool.stamps())["a"].version == 9
    await live_pool.rebuild(record, anew=True)
    assert await live_pool.snapshot() == {"a": record[0]}


async def test_nights_that_newer_news_left_out_come_back_after_a_rebuild(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1))])
    await live_pool.claim("left behind", ["a"], nights(1), 60)
    await live_pool.put(live_unit("a", nights(1), version=2))
    await live_pool.put(live_unit("a", nights(1), version=1), "left behind")
    await live_pool.rebuild([live_unit("a", nights(1))])
    assert await live_pool.expired() == ["a"]


async def test_claims_and_rebuilds_at_once_give_nobody_the_same_unit(live_pool: RedisPool) -> None:
    record = [live_unit(f"unit {n}", nights(2)) for n in range(12)]
    ids = [unit.unit_id for unit in record]
    await live_pool.rebuild(record)

    async def rebuild_again() -> None:
        for _ in range(10):
            await live_pool.rebuild(record)

    *answers, _, _ = await asyncio.gather(
        *(live_pool.claim(f"op {n}", ids[n % 12 :] + ids[: n % 12], nights(2), 60) for n in range(40)),
        rebuild_again(),
        rebuild_again(),
    )
    assert sorted(filter(None, answers)) == sorted(ids)
    assert await free(live_pool, nights(1)) == []


async def test_a_build_that_got_lost_halfway_is_not_shown(live_pool: RedisPool, client: Redis) -> None:
    await live_pool._stage("half", [live_unit("a", nights(1))], {"night:2026-11-28": bytearray(b"\x80")})
    ttls = [await client.ttl(key) async for key in client.scan_iter()]
    assert len(ttls) == 5
    assert all(ttl > 0 for ttl in ttls)
    await client.delete(f"{{crisispool:{SET_UP}}}:half:night:2026-11-28")
    with pytest.raises(Outage):
        await live_pool._run("flip", "half", 1, 1, 0)
    assert await client.dbsize() == 0


# When things go wrong


async def test_an_emptied_server_is_an_outage_and_not_a_full_pool(
    live_pool: RedisPool, client: Redis
) -> None:
    record = [live_unit("a", nights(1))]
    await live_pool.rebuild(record)
    await client.flushall()
    for call in (
        live_pool.find("ieper", nights(1), 1, NONE, NONE),
        live_pool.claim("op", ["a"], nights(1), 60),
        live_pool.put(record[0]),
        live_pool.expired(),
        live_pool.stamps(),
        live_pool.snapshot(),
    ):
        with pytest.raises(Outage, match="live view: empty"):
            await call
    await live_pool.rebuild(record)
    assert await live_pool.claim("op", ["a"], nights(1), 60) == "a"


async def test_scripts_that_the_server_forgot_are_sent_again(live_pool: RedisPool, client: Redis) -> None:
    await live_pool.rebuild([live_unit("a", nights(1))])
    await client.script_flush()
    assert await live_pool.claim("op", ["a"], nights(1), 60) == "a"
    await client.script_flush()
    assert await live_pool.claim("op", ["a"], nights(1), 60) == "a"


async def test_a_cancelled_call_does_not_mix_up_later_answers(live_pool: RedisPool) -> None:
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("b", nights(2))])
    for steps in range(30):
        call = asyncio.create_task(live_pool.snapshot())
        for _ in range(steps):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert await free(live_pool, nights(2)) == ["b"]


async def test_a_server_that_is_away_is_an_outage(tmp_path: Path) -> None:
    pool = RedisPool(connect(tmp_path / "nobody"), SET_UP)
    with pytest.raises(Outage, match="live view"):
        await pool.find("ieper", nights(1), 1, NONE, NONE)
    with pytest.raises(Outage, match="live view"):
        await pool.rebuild([live_unit("a", nights(1))])
    await pool.close()


async def test_after_a_failure_people_do_not_wait_again_until_who_heals_finds_it_back(
    live_pool: RedisPool, redis_socket: Path
) -> None:
    record = [live_unit("a", nights(1))]
    await live_pool.rebuild(record)
    async with bad_line(redis_socket, redis_socket.with_name("line")) as line:
        pool = RedisPool(connect(line.path), SET_UP)
        line.cut_before = 2
        with pytest.raises(Outage):
            await free(pool, nights(1))
        before = line.heard
        for call in (
            pool.find("ieper", nights(1), 1, NONE, NONE),
            pool.claim("op", ["a"], nights(1), 60),
            pool.put(record[0]),
        ):
            with pytest.raises(Outage, match="a moment ago"):
                await call
        assert line.heard == before
        assert await pool.stamps() == {"a": (1, TONIGHT)}
        assert await free(pool, nights(1)) == ["a"]
        await pool.close()


async def test_two_set_ups_on_one_server_do_not_meet(live_pool: RedisPool, redis_socket: Path) -> None:
    other = RedisPool(connect(redis_socket), "another set-up")
    await live_pool.rebuild([live_unit("a", nights(1)), live_unit("b", nights(1))])
    with pytest.raises(Outage, match="empty"):
        await free(other, nights(1))
    await other.rebuild([live_unit("a", nights(2))])
    assert await other.claim("op", ["a"], nights(1), 60) == "a"
    assert await live_pool.claim("op", ["b"], nights(1), 60) == "b"
    assert await free(live_pool, nights(1)) == ["a"]
    await other.rebuild([])
    assert await free(live_pool, nights(1)) == ["a"]
    await other.close()


async def test_a_server_out_of_memory_is_an_outage_and_claims_nothing(
    live_pool: RedisPool, client: Redis
) -> None:
    await live_pool.rebuild([live_unit("a", nights(1))])
    await client.config_set("maxmemory", "1")
    try:
        with pytest.raises(Outage, match="live view"):
            await live_pool.claim("op", ["a"], nights(1), 60)
    finally:
        await client.config_set("maxmemory", "0")
    assert await free(live_pool, nights(1)) == ["a"]

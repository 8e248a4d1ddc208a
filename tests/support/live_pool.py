"""A real live pool for tests: one server for the whole run, emptied before each test."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from crisispool.adapters.embedded import EmbeddedRedis
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.ports import LiveUnit

TONIGHT = date(2026, 11, 28)
SET_UP = "tests"


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The unix socket of a server of this test run."""
    share = EmbeddedRedis(tmp_path_factory.mktemp("live"))
    yield share.join()
    share.leave()


@pytest.fixture
async def live_pool(redis_socket: Path) -> AsyncIterator[RedisPool]:
    """The live pool as after a flush: nothing in it, not even an empty view."""
    client = connect(redis_socket)
    await client.flushall()
    pool = RedisPool(client, SET_UP)
    yield pool
    await pool.close()


def no_live_pool() -> RedisPool:
    """A live pool whose server is away."""
    return RedisPool(connect(Path("/nowhere/socket")), SET_UP)


def nights(count: int, after: int = 0) -> list[date]:
    """So many night labels, from so many nights after tonight."""
    return [TONIGHT + timedelta(days=after + n) for n in range(count)]


def live_unit(
    unit_id: str,
    free: list[date],
    *,
    version: int = 1,
    networks: tuple[str, ...] = ("ieper",),
    nis: str = "33011",
    places: int = 4,
    features: frozenset[str] = frozenset(),
    tonight: date = TONIGHT,
) -> LiveUnit:
    """What the record says of a unit that is free on these nights."""
    return LiveUnit(unit_id, version, networks, nis, places, features, frozenset(free), tonight)
